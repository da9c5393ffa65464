namespace Tikr.Publishing.Records;

/// <summary>A record on its way to a topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Key">Key of the record: the dimensions.</param>
/// <param name="Value">The payload.</param>
/// <param name="Content">What the payload is.</param>
/// <param name="Revision">Revision of the bar; 0 for a bar that was not revised, and for late ticks.</param>
/// <param name="TimestampMs">Unix milliseconds.</param>
internal readonly record struct OutgoingRecord(string Topic, byte[] Key, byte[] Value, ContentKind Content, int Revision, long TimestampMs);

/// <summary>What a payload is.</summary>
internal enum ContentKind
{
    /// <summary>Protobuf: a bar as OTLP, or a tikr.v1 IngestRequest.</summary>
    Protobuf,

    /// <summary>A bar as OTLP/JSON.</summary>
    Json,
}
