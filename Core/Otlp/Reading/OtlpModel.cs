namespace Tikr.Core.Otlp.Reading;

/// <summary>What a payload says of one resource; only what bars need.</summary>
internal sealed class OtlpResource
{
    /// <summary>Resource attribute tikr.series.</summary>
    public string? Series { get; set; }

    public List<OtlpMetric> Metrics { get; } = [];
}

/// <summary>A metric.</summary>
internal sealed class OtlpMetric
{
    public string Name { get; set; } = "";

    public List<OtlpAttribute> Metadata { get; } = [];

    public List<OtlpPoint> Points { get; } = [];

    /// <summary>A number of the metadata.</summary>
    public long? MetadataOf(string key)
    {
        foreach (var attribute in Metadata)
        {
            if (attribute.Key == key) return attribute.Integer;
        }

        return null;
    }
}

/// <summary>A number data point.</summary>
internal sealed class OtlpPoint
{
    public List<OtlpAttribute> Attributes { get; set; } = [];

    public ulong Start { get; set; }

    public ulong Time { get; set; }

    public long? Integer { get; set; }

    public double? Double { get; set; }

    /// <summary>FLAG_NO_RECORDED_VALUE: a gap, not a value.</summary>
    public bool HasNoValue { get; set; }
}

/// <summary>An attribute; both values are null if it is neither text nor an integer.</summary>
internal readonly record struct OtlpAttribute(string Key, string? Text, long? Integer);
