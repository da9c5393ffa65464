using Confluent.Kafka;
using Tikr.Streaming.Kafka.Producing;
using Tikr.Streaming.Kafka.Topics;

namespace Tikr.Streaming.Kafka;

/// <summary>The error texts of this project: each names the thing, the value, the rule and the remedy. None has a secret in it.</summary>
internal static class Errors
{
    public static KafkaConfigurationException BadOptions(string what, IEnumerable<string> errors) =>
        new($"{what} cannot be used:{string.Concat(errors.Select(error => $"{Environment.NewLine}  {error}"))}");

    public static KafkaConfigurationException BadClient(string client, string reason) => new(
        $"Kafka client '{client}' cannot be made: {reason.TrimEnd('.')}. Correct the option "
            + $"or the entry of Settings that this names; names and values are librdkafka's.");

    public static KafkaTopicException TopicMissing(string topic) => new(
        $"Topic '{topic}' does not exist and may not be created (Create is false). Create "
            + $"it with kafka-topics.sh --create --topic {topic}, or set Create = true.",
        topic, ErrorCode.UnknownTopicOrPart, isTransient: false);

    public static KafkaTopicException TopicNotCreated(string topic, Error error) => new(
        $"Topic '{topic}' does not exist and the brokers do not create it: "
            + $"{error.Code}: {error.Reason.TrimEnd('.')}. {RemedyOf(error.Code)}",
        topic, error.Code, IsAway(error.Code));

    public static KafkaTopicException TopicRefused(string topic, Error error) => new(
        $"Topic '{topic}' cannot be used: {error.Code}: {error.Reason.TrimEnd('.')}. {RemedyOf(error.Code)}",
            topic, error.Code, IsAway(error.Code));

    public static KafkaTopicException TopicUnreachable(string topic, ErrorCode code, string reason) => new(
        $"Topic '{topic}' cannot be looked up: {code}: {reason.TrimEnd('.')}. {RemedyOf(code)}", topic, code, IsAway(code));

    public static KafkaTopicException TopicNotSeen(string topic, TimeSpan timeout) => new(
        $"Topic '{topic}' did not appear within {timeout.TotalSeconds:0.#} s. "
            + $"Look at the brokers' logs, or create it with kafka-topics.sh.",
        topic, ErrorCode.UnknownTopicOrPart, isTransient: true);

    public static KafkaConfigurationException WrongPartitions(string provider, string topic, int there, int wanted) => new(
        $"Topic '{topic}' has {there} partitions and stream provider '{provider}' "
            + $"expects {wanted}: each partition is a queue, so they must be the same. "
        + $"Set Partitions = {there} on all silos and clients, or use another topic.");

    public static KafkaStreamException WrongNamespace(StreamId stream, string expected) => new(
        $"Stream '{stream}' has no place in this topic: its namespace must be '{expected}'. "
            + $"Use that namespace, set StreamNamespace, or add a provider for another topic.");

    public static KafkaStreamException NotAPartition(StreamId stream, int partitions) => new(
        $"Stream '{stream}' has no place in this topic: with one stream per partition its key must be a number from 0 to {partitions - 1}. "
        + "Publish to a partition's stream, or set Mapping = PerKey.");

    public static KafkaStreamException WrongEvent(StreamId stream, Type type, Type expected) => new(
        $"An event of type {type} cannot be published to stream '{stream}': the payload "
            + $"format takes {expected}. Publish that type, or set another Payload.");

    public static KafkaStreamException TokenGiven(StreamId stream) => new(
        $"An event for stream '{stream}' was published with a sequence token: Kafka gives offsets itself. Publish it without a token.");

    public static KafkaStreamException NoTopicYet(StreamId stream, string topic, TimeSpan waited) => new(
        $"An event of stream '{stream}' was not published: topic '{topic}' has not been there for {waited.TotalSeconds:0.#} s. "
        + "Publish it again when it is; the log and the health check say what is missing.");

    public static KafkaStreamException NotPublished(StreamId stream, string topic, KafkaDeliveryFailure failure) => new(
        $"An event of stream '{stream}' is not known to be in topic '{topic}': "
            + $"{failure.Code}: {failure.Reason.TrimEnd('.')}. {RemedyOf(failure)}", failure);

    private static string RemedyOf(KafkaDeliveryFailure failure) => failure.Kind switch
    {
        KafkaFailureKind.PermanentForRecord => "Publish it smaller or otherwise corrected; see MaxMessageBytes.",
        KafkaFailureKind.PermanentForTopic => "The topic must be created, or this user granted Write on it.",
        _ => failure.MayBePersisted ? "Publish it again; it may then be there twice." : "Publish it again.",
    };

    private static bool IsAway(ErrorCode code) =>
        code is not (ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed or ErrorCode.InvalidReplicationFactor
        or ErrorCode.InvalidPartitions or ErrorCode.InvalidConfig or ErrorCode.PolicyViolation or ErrorCode.TopicException
        or ErrorCode.InvalidRequest);

    private static string RemedyOf(ErrorCode code) => code switch
    {
        ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed =>
            "Grant this user Describe, Create, Read and Write on the topic (kafka-acls.sh), or have it created by somebody who may.",
        ErrorCode.InvalidReplicationFactor => "Set ReplicationFactor to at most the number of brokers, or to -1 for their default.",
        ErrorCode.InvalidPartitions => "Set Partitions to a number that the brokers take.",
        ErrorCode.InvalidConfig => "Correct Retention or the entry of Settings that this names.",
        ErrorCode.PolicyViolation => "The brokers have a rule for topics "
            + "(create.topic.policy.class.name): follow it, or have the topic created by somebody who may.",
        ErrorCode.TopicException => "A name has 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'.",
        ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed => "Check SaslMechanism, SaslUsername and SaslPassword.",
        _ => "Check that the brokers of BootstrapServers run and can be reached from here.",
    };
}
