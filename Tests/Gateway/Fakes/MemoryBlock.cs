using Tikr.Core.Rollup;
using Tikr.Core.Ticks;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>One flush as one block that all its keys share, each key's run ordered as a gateway orders it.</summary>
internal sealed class MemoryBlock(SeriesPlan plan, FlushId flush, TickRow[] ticks)
{
    private readonly ILookup<uint, TickRow> _byKey = ticks.ToLookup(tick => tick.Key.KeyId);

    public long LeastTime { get; } = ticks.Min(tick => tick.Time);

    /// <summary>Fills the batch with the wanted ticks; false if there is none.</summary>
    public bool FillIn(TickBatch batch, TickRead read)
    {
        batch.Flush = flush;
        batch.LeastTime = LeastTime;
        batch.Runs.Clear();
        batch.Columns.Count = 0;
        foreach (var key in _byKey.Where(group => read.Keys.Contains(group.Key))) AddRun(batch, read, key);
        return batch.Runs.Count > 0;
    }

    private void AddRun(TickBatch batch, TickRead read, IGrouping<uint, TickRow> key)
    {
        var ordered = key.OrderBy(tick => tick.Time).ThenBy(tick => tick.Sequence).ToList();
        var first = ordered.FindIndex(tick => tick.Time >= read.FromNs);
        var end = ordered.FindLastIndex(tick => tick.Time < read.ToNs) + 1;
        if (first < 0 || end <= first) return;
        batch.Runs.Add(new KeyRun(key.Key, batch.Columns.Count, end - first, (uint)first));
        foreach (var tick in ordered[first..end]) Append(batch.Columns, tick);
    }

    private void Append(TickColumns columns, TickRow tick)
    {
        var at = columns.Count++;
        columns.EnsureCapacity(columns.Count);
        columns.Times[at] = tick.Time;
        columns.Sequences[at] = tick.Sequence;
        for (var i = 0; i < plan.Fields.Length; i++) columns.Fields[i][at] = tick.Fields[i];
        if (columns.Present is { } present) present[at] = tick.Present;
    }
}
