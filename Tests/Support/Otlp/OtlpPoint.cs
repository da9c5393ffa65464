namespace Tikr.Tests.Support.Otlp;

/// <summary>One data point with all that surrounds it; equal by value.</summary>
public sealed record OtlpPoint
{
    public required string Service { get; init; }

    public required string Series { get; init; }

    public required string Scope { get; init; }

    public required string Metric { get; init; }

    public string Unit { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>gauge, delta sum, monotonic delta sum; anything else as it was found.</summary>
    public required string Kind { get; init; }

    /// <summary>name=value, in the order of the message, each ending in a line feed.</summary>
    public required string Attributes { get; init; }

    public required long Start { get; init; }

    public required long Time { get; init; }

    /// <summary>An integer in decimal digits; a double as R formats it behind "double ".</summary>
    public required string Value { get; init; }

    /// <summary>Metadata of the metric: key=value, in the order of the message, separated by spaces.</summary>
    public string Metadata { get; init; } = "";
}
