using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Core.Ticks;

namespace Tikr.Tests.Support.Memory;

/// <summary>A tick of a test.</summary>
/// <param name="KeyId">Its key.</param>
/// <param name="Time">Event time, Unix nanoseconds.</param>
/// <param name="Sequence">Producer's sequence.</param>
/// <param name="Fields">Field values in the order of the model.</param>
public sealed record TestTick(uint KeyId, long Time, uint Sequence, params long[] Fields)
{
    /// <summary>Bit i says that field i was given.</summary>
    public ulong Present { get; init; } = ulong.MaxValue;
}

/// <summary>A committed tick and where it stands in the log.</summary>
/// <param name="Tick">The tick.</param>
/// <param name="Position">Its durable position.</param>
public sealed record CommittedTick(TestTick Tick, TickPosition Position);

/// <summary>The bar that one sorted pass over the ticks of a bucket gives: what every other way must come to.</summary>
public static class SortedPass
{
    /// <summary>The bar of these ticks, all of one key and bucket.</summary>
    public static Bar BarOf(SeriesModel model, IEnumerable<CommittedTick> ticks)
    {
        IEnumerable<TestTick> sorted = ticks.OrderBy(tick => tick.Tick.Time).ThenBy(tick => tick.Tick.Sequence)
            .ThenBy(tick => tick.Position).Select(tick => tick.Tick);
        if (model.Spec.Dedup == DedupPolicy.Sequence) sorted = WithoutRepeats(sorted);
        var columns = Columns(model, [.. sorted]);
        var state = model.NewState();
        model.Add(state, new TickRun(columns, 0, columns.Count, default));
        return model.ToBar(state, model.BucketOf(columns.Times[0]), out _);
    }

    /// <summary>The first of the ticks of equal time and sequence, and all of those without a sequence.</summary>
    private static IEnumerable<TestTick> WithoutRepeats(IEnumerable<TestTick> sorted) =>
        sorted.Select((tick, i) => (Tick: tick, Own: tick.Sequence == 0 ? i : -1))
            .DistinctBy(one => (one.Tick.Time, one.Tick.Sequence, one.Own)).Select(one => one.Tick);

    /// <summary>Ticks as columns.</summary>
    public static TickColumns Columns(SeriesModel model, IReadOnlyList<TestTick> ticks)
    {
        var columns = model.NewColumns();
        columns.EnsureCapacity(ticks.Count);
        for (var i = 0; i < ticks.Count; i++)
        {
            columns.Times[i] = ticks[i].Time;
            columns.Sequences[i] = ticks[i].Sequence;
            for (var f = 0; f < model.Fields.Length; f++) columns.Fields[f][i] = ticks[i].Fields[f];
            if (columns.Present is { } present) present[i] = ticks[i].Present;
        }

        columns.Count = ticks.Count;
        return columns;
    }
}
