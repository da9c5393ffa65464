namespace Tikr.Gateway.Bounds;

/// <summary>Why the server turned something away to protect itself: the values of <c>tikr.server.refused_total{reason}</c>.</summary>
internal static class RefusalReasons
{
    /// <summary>More connections than server.max_connections.</summary>
    public const string Connections = "connections";

    /// <summary>More open calls than fit into their part of server.memory.</summary>
    public const string Calls = "calls";

    /// <summary>A message larger than the limit, as sent or unpacked.</summary>
    public const string MessageTooLarge = "message_too_large";

    /// <summary>A message that began and did not go on.</summary>
    public const string MessageStalled = "message_stalled";

    /// <summary>A message for which there was no memory.</summary>
    public const string Undecoded = "undecoded";

    /// <summary>More queries than may read the store at once.</summary>
    public const string Scans = "scans";

    /// <summary>A client that did not take its answer.</summary>
    public const string AnswerNotTaken = "answer_not_taken";

    /// <summary>A key for which there was no memory.</summary>
    public const string Keys = "keys";
}
