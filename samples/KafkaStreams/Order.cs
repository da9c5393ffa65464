namespace Tikr.KafkaStreams;

/// <summary>What is on the topic, as JSON.</summary>
[GenerateSerializer]
internal sealed record Order([property: Id(0)] string Customer, [property: Id(1)] int Number, [property: Id(2)] decimal Amount);
