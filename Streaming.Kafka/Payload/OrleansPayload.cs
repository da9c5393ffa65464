namespace Tikr.Streaming.Kafka.Payload;

/// <summary>What a record holds in the default format.</summary>
[GenerateSerializer]
[Alias("Tikr.Streaming.Kafka.OrleansPayload")]
internal sealed class OrleansPayload
{
    [Id(0)]
    public List<object> Events { get; set; } = [];

    [Id(1)]
    public Dictionary<string, object>? RequestContext { get; set; }
}
