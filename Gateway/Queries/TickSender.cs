using Tikr.Contracts;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>
/// Turns ticks into messages. One message is reused for all of them; repeats are left out where the series counts them once.
/// </summary>
internal sealed class TickSender(SeriesModel model, RowWriter<TickData> rows)
{
    private readonly bool _dedup = model.Spec.Dedup == DedupPolicy.Sequence;
    private readonly TickData _message = new();
    private long _lastTime = -1;
    private uint _lastSequence;

    /// <summary>Ticks sent.</summary>
    public long Rows => rows.Rows;

    /// <summary>The ticks that follow are of this key.</summary>
    public void BeginKey(StoredKey key)
    {
        _lastTime = -1;
        var dimensions = model.Spec.Dimensions;
        for (var i = 0; i < dimensions.Length; i++) _message.Dimensions[dimensions[i].Name] = key.Dimensions.Values[i];
        rows.RowBytes = _message.CalculateSize();
    }

    /// <summary>Sends ticks of the key; false once the limit is reached.</summary>
    public async ValueTask<bool> SendAsync(TickSlice ticks, CancellationToken cancellation)
    {
        for (var i = ticks.Start; i < ticks.Start + ticks.Count; i++)
        {
            if (rows.IsFull) return false;
            if (IsRepeat(ticks, i)) continue;
            Fill(ticks, i);
            await rows.WriteAsync(_message, cancellation).ConfigureAwait(false);
        }

        return !rows.IsFull;
    }

    /// <summary>
    /// The first of equal ticks stands at the lowest position, which the order puts first. Without a sequence no tick repeats another.
    /// </summary>
    private bool IsRepeat(in TickSlice ticks, int index)
    {
        var time = ticks.Columns.Times[index];
        var sequence = ticks.Columns.Sequences[index];
        if (_dedup && sequence != 0 && time == _lastTime && sequence == _lastSequence) return true;
        _lastTime = time;
        _lastSequence = sequence;
        return false;
    }

    private void Fill(in TickSlice ticks, int index)
    {
        _message.TimestampNs = (ulong)ticks.Columns.Times[index];
        _message.Sequence = ticks.Columns.Sequences[index];
        var given = ticks.Columns.Present is { } present ? present[index] : ulong.MaxValue;
        for (var field = 0; field < model.Fields.Length; field++)
        {
            if ((given >> field & 1) != 0) _message.Fields[model.Fields[field].Name] = ticks.Columns.Fields[field][index];
            else _message.Fields.Remove(model.Fields[field].Name);
        }
    }
}
