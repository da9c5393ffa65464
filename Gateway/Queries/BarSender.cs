using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>Turns bars into messages; one message is reused for all of them.</summary>
internal sealed class BarSender(SeriesPlan plan, RowWriter<BarData> rows)
{
    private readonly BarData _message = new() { Series = plan.Name };

    /// <summary>The bars that follow are of this key.</summary>
    public void BeginKey(StoredKey key)
    {
        var dimensions = plan.Spec.Dimensions;
        for (var i = 0; i < dimensions.Length; i++) _message.Dimensions[dimensions[i].Name] = key.Dimensions.Values[i];
    }

    /// <summary>Sends a bar; false once the limit is reached.</summary>
    public async ValueTask<bool> SendAsync(Bar bar, bool open, CancellationToken cancellation)
    {
        if (rows.IsFull) return false;
        Fill(bar, open);
        await rows.WriteAsync(_message, cancellation);
        return !rows.IsFull;
    }

    private void Fill(Bar bar, bool open)
    {
        _message.BucketTs = (ulong)bar.BucketStart;
        _message.FirstTimestamp = (ulong)bar.FirstTimestamp;
        _message.LastTimestamp = (ulong)bar.LastTimestamp;
        _message.TickCount = (ulong)bar.TickCount;
        _message.Revision = (uint)bar.Revision;
        _message.Open = open;
        for (var i = 0; i < plan.Metrics.Length; i++)
        {
            if (bar.Has(i)) _message.Metrics[plan.Metrics[i].Name] = bar.Values[i];
            else _message.Metrics.Remove(plan.Metrics[i].Name);
        }
    }
}
