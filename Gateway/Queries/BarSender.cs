using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>Turns bars into messages; one message is reused for all of them.</summary>
internal sealed class BarSender(SeriesModel model, RowWriter<BarMessage> rows)
{
    private readonly BarMessage _message = new(model);

    /// <summary>The bars that follow are of this key.</summary>
    public void BeginKey(StoredKey key)
    {
        _message.BeginKey(key);
        rows.RowBytes = _message.MaxLength;
    }

    /// <summary>Sends a bar; false once the limit is reached.</summary>
    public ValueTask<bool> SendAsync(Bar bar, bool open, CancellationToken cancellation)
    {
        if (rows.IsFull) return ValueTask.FromResult(false);
        _message.Set(bar, open);
        var write = rows.WriteAsync(_message, cancellation);
        return write.IsCompletedSuccessfully ? ValueTask.FromResult(!rows.IsFull) : AwaitAsync(write);
    }

    private async ValueTask<bool> AwaitAsync(Task write)
    {
        await write.ConfigureAwait(false);
        return !rows.IsFull;
    }
}
