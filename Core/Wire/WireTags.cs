namespace Tikr.Core.Wire;

/// <summary>Protobuf's wire types: the low three bits of a tag, above which the field's number stands (protobuf.dev, "Encoding").</summary>
public static class WireType
{
    /// <summary>How a value is written.</summary>
    public const byte Varint = 0, Fixed64 = 1, Bytes = 2, StartGroup = 3, EndGroup = 4, Fixed32 = 5;
}

/// <summary>Tags of IngestRequest in tikr.v1.</summary>
internal static class RequestTags
{
    public const byte Series = (1 << 3) | WireType.Bytes, Tick = (2 << 3) | WireType.Bytes;
}

/// <summary>Tags of TickData in tikr.v1.</summary>
internal static class TickTags
{
    public const byte
        Timestamp = (1 << 3) | WireType.Varint,
        Dimension = (2 << 3) | WireType.Bytes,
        Field = (3 << 3) | WireType.Bytes,
        Sequence = (4 << 3) | WireType.Varint;
}

/// <summary>Tags of a map's entries: its key, and its value where that is text or a whole number.</summary>
public static class EntryTags
{
    /// <summary>A part of the entry.</summary>
    public const byte Key = (1 << 3) | WireType.Bytes, Text = (2 << 3) | WireType.Bytes, Number = (2 << 3) | WireType.Varint;
}

/// <summary>Tags of BarData in tikr.v1, but for series and dimensions.</summary>
public static class BarTags
{
    /// <summary>A field of the message.</summary>
    public const byte
        BucketStart = (2 << 3) | WireType.Varint,
        Metric = (4 << 3) | WireType.Bytes,
        FirstTimestamp = (5 << 3) | WireType.Varint,
        LastTimestamp = (6 << 3) | WireType.Varint,
        TickCount = (7 << 3) | WireType.Varint,
        Revision = (8 << 3) | WireType.Varint,
        Open = (9 << 3) | WireType.Varint;
}
