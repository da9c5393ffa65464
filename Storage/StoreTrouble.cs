using Tikr.Core.Time;

namespace Tikr.Storage;

/// <summary>
/// Why a store's writes fail, from the first that fails to the next that succeeds. Every retry fails until the cause is gone, so it is
/// logged when it begins, once a minute while it lasts, and when it is over.
/// </summary>
/// <param name="time">Paces the log.</param>
/// <param name="failing">Logs the reason, with how many writes have failed since it was last logged.</param>
/// <param name="over">Logs that writes succeed again.</param>
public sealed class StoreTrouble(TimeProvider time, Action<string, long> failing, Action over)
{
    private readonly LogPace _pace = new(time);
    private volatile string? _reason;

    /// <summary>The reason; null while writes succeed.</summary>
    public string? Reason => _reason;

    /// <summary>A write failed.</summary>
    public void Failed(string reason)
    {
        _reason = reason;
        if (_pace.Next() is { } count) failing(reason, count);
    }

    /// <summary>A write succeeded.</summary>
    public void Succeeded()
    {
        if (_reason is null) return;
        _reason = null;
        _pace.Reset();
        over();
    }
}
