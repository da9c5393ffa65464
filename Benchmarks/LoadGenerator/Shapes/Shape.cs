namespace Tikr.LoadGenerator.Shapes;

/// <summary>How a metric folds its field.</summary>
internal enum Fold
{
    First,
    Max,
    Min,
    Last,
    Sum,
    Count,
}

/// <summary>A metric of the bar.</summary>
/// <param name="Name">Name in bars.</param>
/// <param name="Fold">How it folds.</param>
/// <param name="Field">Index of the field it reads; -1 for a count.</param>
internal readonly record struct ShapeMetric(string Name, Fold Fold, int Field);

/// <summary>A field of the tick and how its values come about.</summary>
/// <param name="Name">Name on the wire.</param>
/// <param name="First">A key's first value.</param>
/// <param name="Next">The value after the one before.</param>
internal sealed record ShapeField(string Name, Func<Random, long> First, Func<Random, long, long> Next);

/// <summary>
/// What ticks and bars of a series look like: the generator's own knowledge of a spec, so that it can say what bars must hold.
/// </summary>
/// <param name="Series">Name of the series.</param>
/// <param name="Dimensions">Names of the dimensions.</param>
/// <param name="Fields">Fields of a tick, in the order they are sent.</param>
/// <param name="Metrics">Metrics of a bar.</param>
/// <param name="ValuesOf">Dimension values of a key number; different for each.</param>
internal sealed record Shape(
    string Series, string[] Dimensions, ShapeField[] Fields, ShapeMetric[] Metrics, Func<int, string[]> ValuesOf)
{
    /// <summary>Length of a bucket: the rollup of every shape.</summary>
    public const long BucketNs = 1_000_000_000;

    /// <summary>Metrics that need a value of their own beside the bar's count.</summary>
    public ShapeMetric[] Folded { get; } = [.. Metrics.Where(metric => metric.Fold != Fold.Count)];

    /// <summary>Names a key in a query or a tick.</summary>
    public void AddDimensions(IDictionary<string, string> into, int key)
    {
        var values = ValuesOf(key);
        for (var i = 0; i < values.Length; i++) into.Add(Dimensions[i], values[i]);
    }

    /// <summary>A value that wanders by steps of a unit and stays within bounds.</summary>
    public static ShapeField Walk(string name, long least, long most, long unit, int steps) => new(
        name,
        random => least + (random.NextInt64((most - least) / unit) * unit),
        (random, last) => Math.Clamp(last + (unit * random.Next(-steps, steps + 1)), least, most));

    /// <summary>A value that does not remember the one before.</summary>
    public static ShapeField Drawn(string name, Func<Random, long> draw) => new(name, draw, (random, _) => draw(random));
}
