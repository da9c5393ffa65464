using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>
/// Reads the ticks of many keys in one scan: keys with few ticks share blocks, which reading key by key would decode once per key.
/// Holds a bounded number of ticks.
/// </summary>
internal sealed class KeyChunk(ITickStore store, QueryRange range, int mostTicks)
{
    private readonly TickColumns _columns = range.Series.Model.NewColumns();
    private readonly Dictionary<uint, List<TickSlice>> _slices = [];
    private readonly TickMerge _merge = new();

    /// <summary>Ticks that the last scan collected.</summary>
    public int Collected => _columns.Count;

    /// <summary>Collects the ticks of the keys; false if they are more than may be held.</summary>
    public async Task<bool> CollectAsync(IReadOnlyList<StoredKey> keys, CancellationToken cancellation)
    {
        _columns.Count = 0;
        _slices.Clear();
        var ids = keys.Select(key => key.KeyId).Order().ToArray();
        await foreach (var batch in store.ReadAsync(new TickRead(range.Series, ids, range.FromNs, range.ToNs), cancellation)
            .ConfigureAwait(false))
        {
            foreach (var run in batch.Runs)
            {
                if (_columns.Count + run.Count > mostTicks) return false;
                Keep(batch, run);
            }
        }

        return true;
    }

    /// <summary>Sends the collected ticks key by key, in the order given; false if the sender wants no more.</summary>
    public async Task<bool> SendAsync(IReadOnlyList<StoredKey> keys, TickSender sender, CancellationToken cancellation)
    {
        foreach (var key in keys)
        {
            if (!_slices.TryGetValue(key.KeyId, out var slices)) continue;
            sender.BeginKey(key);
            _merge.Clear();
            foreach (var slice in slices) _merge.Add(slice);
            while (_merge.TryTake(long.MaxValue, out var stretch))
            {
                if (!await sender.SendAsync(stretch, cancellation).ConfigureAwait(false)) return false;
            }
        }

        return true;
    }

    private void Keep(TickBatch batch, KeyRun run)
    {
        if (!_slices.TryGetValue(run.KeyId, out var slices)) _slices.Add(run.KeyId, slices = []);
        var start = _columns.Append(batch.Columns, run.Start, run.Count);
        slices.Add(new TickSlice(_columns, start, run.Count, TickPosition.Of(batch.Flush.Epoch, batch.Flush.Flush, run.FirstRank)));
    }
}
