namespace Tikr.Samples.BarConsumer;

/// <summary>Names that subscribers and configuration share.</summary>
internal static class BarStreams
{
    public const string Provider = "bars", Namespace = "bars";
}

/// <summary>How many partitions, and so streams, the topic has.</summary>
internal sealed record Partitions(int Count);
