namespace Tikr.Publishing.Metrics;

/// <summary>Why something was dropped instead of published: the tag <c>reason</c>.</summary>
internal static class DropReasons
{
    /// <summary>The spool is full: its oldest entries go.</summary>
    public const string OutboxFull = "outbox_full";

    /// <summary>It waited longer than bars are kept.</summary>
    public const string Expired = "expired";

    /// <summary>The brokers do not take the record, alone either.</summary>
    public const string Refused = "refused";

    /// <summary>Its key is no longer in the key table.</summary>
    public const string UnknownKey = "unknown_key";

    /// <summary>The series does not spool (<c>on_failure: drop</c>) and the delivery failed.</summary>
    public const string DeliveryFailed = "delivery_failed";

    /// <summary>The series does not spool and more waits than fits in memory.</summary>
    public const string QueueFull = "queue_full";
}
