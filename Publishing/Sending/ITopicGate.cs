namespace Tikr.Publishing.Sending;

/// <summary>
/// Says whether a topic may be sent to: not before it was seen to exist, or brokers would create it by themselves, in another shape than
/// asked for.
/// </summary>
internal interface ITopicGate
{
    /// <summary>Whether records may be handed over for the topic.</summary>
    bool IsOpen(string topic);
}
