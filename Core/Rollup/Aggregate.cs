using Tikr.Core.Specs;

namespace Tikr.Core.Rollup;

/// <summary>
/// One aggregation. Its state is a few longs inside the state of the bar; <see cref="Add"/> and <see cref="Merge"/> may come in any
/// order and any grouping and give the same result. Instances hold no state and are shared by all keys of a series.
/// </summary>
public abstract class Aggregate
{
    /// <summary>Length of the state; all zeros is the empty state.</summary>
    public abstract int StateLength { get; }

    /// <summary>Adds the ticks of a run.</summary>
    public abstract void Add(Span<long> state, in TickRun run);

    /// <summary>Adds what another state holds.</summary>
    public abstract void Merge(Span<long> state, ReadOnlySpan<long> other);

    /// <summary>The metric's value; false when it is absent from the bar.</summary>
    /// <param name="state">The state.</param>
    /// <param name="value">The value; uint64 as its bit pattern.</param>
    /// <param name="overflowed">True if the exact value does not fit the metric's type.</param>
    public abstract bool TryWrite(ReadOnlySpan<long> state, out long value, out bool overflowed);
}

/// <summary>What an aggregate is made from.</summary>
/// <param name="Field">Index of the field it reads; -1 for none.</param>
/// <param name="Type">Type of the field, or of the metric where it reads none.</param>
/// <param name="OmitOverflow">Whether an overflowing value is absent instead of saturated.</param>
public readonly record struct AggregateInput(int Field, FieldType Type, bool OmitOverflow);

/// <summary>The aggregates by their YAML word.</summary>
public static class AggregateRegistry
{
    private static readonly Dictionary<string, Func<AggregateInput, Aggregate>> Factories = new(StringComparer.Ordinal)
    {
        ["first"] = input => new Aggregates.First(input),
        ["last"] = input => new Aggregates.Last(input),
        ["min"] = input => new Aggregates.Min(input),
        ["max"] = input => new Aggregates.Max(input),
        ["sum"] = input => new Aggregates.Sum(input),
        ["count"] = _ => new Aggregates.Count(),
    };

    /// <summary>The words, in the order they are documented.</summary>
    public static IReadOnlyCollection<string> Words => Factories.Keys;

    /// <summary>Whether the aggregation reads a field; <c>count</c> counts ticks and reads none.</summary>
    public static bool ReadsField(string word) => word != "count";

    /// <summary>Whether values of consecutive bars add up to the value of the time they span.</summary>
    public static bool IsAdditive(string word) => word is "sum" or "count";

    /// <summary>Makes the aggregate of a word.</summary>
    /// <exception cref="KeyNotFoundException">No aggregate has that word.</exception>
    public static Aggregate Create(string word, AggregateInput input) => Factories[word](input);
}
