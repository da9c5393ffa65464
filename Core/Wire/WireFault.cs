namespace Tikr.Core.Wire;

/// <summary>What makes bytes not a protobuf message.</summary>
internal enum WireFault
{
    None,
    Truncated,
    LongVarint,
    BadLength,
    BadTag,
    BadWireType,
    StrayEndGroup,
    MismatchedEndGroup,
    TooDeep,
}

/// <summary>The words for faults.</summary>
internal static class WireFaults
{
    /// <summary>What was wrong where, and what to do.</summary>
    public static string Describe(WireFault fault, long offset, long length) =>
        $"The message of {length} bytes is not a tikr.v1 IngestRequest: at byte {offset} {WhatIs(fault)}. " +
        "None of its ticks were taken; check that the client encodes IngestRequest as in tikr.proto.";

    /// <summary>A message whose ticks would take too much memory.</summary>
    public static string TooLarge(DecoderSeries series, int ticks, long mostBytes) =>
        $"The message brings {ticks} ticks of series '{series.Model.Name}', of {series.Model.TickBytes} bytes each in memory: at most " +
        $"{mostBytes / series.Model.TickBytes} are taken at once. Send smaller messages, or raise server.memory.";

    /// <summary>What is wrong.</summary>
    public static string WhatIs(WireFault fault) => fault switch
    {
        WireFault.LongVarint => "a varint is longer than 10 bytes",
        WireFault.BadLength => "a length is negative or runs past the end of what contains it",
        WireFault.BadTag => "a tag has field number 0",
        WireFault.BadWireType => "a tag has wire type 6 or 7, which do not exist",
        WireFault.StrayEndGroup => "a group ends that never began",
        WireFault.MismatchedEndGroup => "a group ends with another field number than it began with",
        WireFault.TooDeep => "groups are nested more than 100 deep",
        _ => "the message ends in the middle of a value",
    };
}
