using Tikr.Core.Specs;

namespace Tikr.Core.Rollup;

/// <summary>
/// An aggregation that a metric can name, and what others need to know of it. Each stands in the file of its <see cref="Aggregate"/>.
/// </summary>
/// <param name="Word">Its YAML word.</param>
/// <param name="Create">Makes what computes it.</param>
public sealed record Aggregation(string Word, Func<AggregateInput, Aggregate> Create)
{
    /// <summary>Whether it reads a field of the ticks.</summary>
    public bool ReadsField { get; init; } = true;

    /// <summary>Whether values of consecutive bars add up to the value of the time they span.</summary>
    public bool IsAdditive { get; init; }

    /// <summary>Whether its value is the number of ticks in the bar.</summary>
    public bool IsTickCount { get; init; }
}

/// <summary>What an aggregate is made from.</summary>
/// <param name="Field">Index of the field it reads; -1 for none.</param>
/// <param name="Type">Type of the field, or of the metric where it reads none.</param>
/// <param name="OmitOverflow">Whether an overflowing value is absent instead of saturated.</param>
public readonly record struct AggregateInput(int Field, FieldType Type, bool OmitOverflow);
