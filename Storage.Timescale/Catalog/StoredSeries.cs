using Tikr.Core.Specs;

namespace Tikr.Storage.Timescale.Catalog;

/// <summary>What the store remembers of a series' spec: what stored data depends on.</summary>
internal sealed record StoredSeries(int Id, string Name)
{
    public long RollupNs { get; init; }

    /// <summary>What its bars are made of; empty in schemas from before it was kept, whose bars may be made of anything.</summary>
    public string BarDefinition { get; init; } = "";

    /// <summary>What the last change of the definition leaves to do.</summary>
    public Rebuild Rebuild { get; init; }

    public IReadOnlyList<DimensionRecord> Dimensions { get; init; } = [];

    /// <summary>Every field the series ever had; blocks name their columns by its number.</summary>
    public IReadOnlyList<FieldRecord> Fields { get; init; } = [];

    /// <summary>Every metric the series ever had.</summary>
    public IReadOnlyList<MetricRecord> Metrics { get; init; } = [];
}

/// <summary>A dimension and its column in the table of keys.</summary>
internal sealed record DimensionRecord(string Name, string Column);

/// <summary>A field of the ticks.</summary>
internal sealed record FieldRecord(int Id, string Name, FieldType Type);

/// <summary>A metric and its column in the tables of bars.</summary>
internal sealed record MetricRecord(int Id, string Name, string? Field, string Aggregation, FieldType Type, string Column)
{
    /// <summary>Values are of the same metric only if its whole definition is: one that computes something else is another.</summary>
    public bool Is(MetricSpec spec) => (Name, Field, Aggregation, Type) == (spec.Name, spec.Field, spec.Aggregation, spec.Type);
}
