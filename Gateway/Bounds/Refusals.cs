using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Tikr.Core.Time;
using Tikr.Gateway.Http;
using Tikr.Gateway.Metrics;

namespace Tikr.Gateway.Bounds;

/// <summary>
/// What the server turns away to protect itself: each is counted by its reason, told by <c>/readyz</c> while it lasts, and logged at first
/// and then once a minute, however often clients try.
/// </summary>
internal sealed class Refusals(GatewayMetrics metrics, TimeProvider time, ILogger<Refusals> log) : IDegradation
{
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(10);
    private readonly ConcurrentDictionary<string, Latest> _latest = new();
    private readonly PacedLog<string> _pace = new(time);

    /// <summary>What was turned away within the last ten seconds, by reason, for people.</summary>
    public IEnumerable<string> Degradations =>
        _latest.Where(one => time.GetElapsedTime(one.Value.At) < Lasting).OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => $"{one.Key}: {one.Value.Text}");

    /// <summary>Notes one.</summary>
    /// <param name="reason">One of <see cref="RefusalReasons"/>.</param>
    /// <param name="text">The thing, the value, the rule and the remedy.</param>
    public void Note(string reason, string text)
    {
        metrics.Refused(reason);
        _latest[reason] = new Latest(text, time.GetTimestamp());
        if (_pace.Next(reason, 1) is { } times) Log.Refused(log, times, reason, OneLine.Of(text));
    }

    private sealed record Latest(string Text, long At);
}
