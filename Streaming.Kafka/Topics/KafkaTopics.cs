using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Tikr.Streaming.Kafka.Connection;

namespace Tikr.Streaming.Kafka.Topics;

/// <summary>Makes sure that topics exist, as far as we may.</summary>
public sealed class KafkaTopics : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstTry = TimeSpan.FromSeconds(2);

    private readonly IAdminClient _admin;
    private readonly ClientLog _log;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    /// <summary>Makes the administration client; it does not wait for brokers.</summary>
    /// <param name="options">The brokers.</param>
    /// <param name="logger">Takes what the client says.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="KafkaConfigurationException">The options cannot work.</exception>
    public KafkaTopics(KafkaConnectionOptions options, ILogger logger, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_logger, _time) = (logger, time ?? TimeProvider.System);
        _log = new ClientLog(options.ClientId, new Secrets(options), _time, logger);
        try
        {
            _admin = new AdminClientBuilder(new AdminClientConfig().Connect(options))
                .SetErrorHandler((_, error) => _log.Error(error))
                .SetLogHandler((_, line) => _log.Line(line))
                .Build();
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or KafkaException)
        {
            throw Errors.BadClient(options.ClientId, _log.Scrub(e.Message));
        }
    }

    /// <summary>
    /// Sees to it that a topic exists, creating it if allowed. Brokers that have no requests for topics are asked for it, which creates it
    /// where they do so by themselves.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="options">How it is to be, if it has to be created.</param>
    /// <param name="timeout">How long all of this may take.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <returns>How many partitions the topic has.</returns>
    /// <exception cref="KafkaTopicException">The topic cannot be used.</exception>
    public async Task<int> EnsureAsync(string topic, KafkaTopicOptions options, TimeSpan timeout, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        ArgumentNullException.ThrowIfNull(options);
        var started = _time.GetTimestamp();
        if (await FindAsync(topic, timeout).ConfigureAwait(false) is { } there) return there;
        if (!options.Create) throw Errors.TopicMissing(topic);

        var isOurs = await CreateAsync(topic, options, Left).ConfigureAwait(false);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var partitions = isOurs ? await FindAsync(topic, Left()).ConfigureAwait(false)
                : await AskForAsync(topic, Left()).ConfigureAwait(false);
            if (partitions is { } count) return count;
            await Task.Delay(Pause, _time, cancellation).ConfigureAwait(false);
        }

        TimeSpan Left()
        {
            var left = timeout - _time.GetElapsedTime(started);
            return left > TimeSpan.Zero ? left : throw Errors.TopicNotSeen(topic, timeout);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _admin.Dispose();

    // Of all topics: asking for one by name would have it created with the brokers' defaults in place of ours.
    private Task<int?> FindAsync(string topic, TimeSpan timeout) => RunAsync(topic, () =>
    {
        var found = _admin.GetMetadata(timeout).Topics.Find(each => each.Topic == topic);
        return found is null ? null : PartitionsOf(found);
    });

    private Task<int?> AskForAsync(string topic, TimeSpan timeout) =>
        RunAsync(topic, () => PartitionsOf(_admin.GetMetadata(topic, timeout).Topics.Single()));

    // False if the brokers do not take the request at all.
    private async Task<bool> CreateAsync(string topic, KafkaTopicOptions options, Func<TimeSpan> left)
    {
        var patience = FirstTry < left() / 2 ? FirstTry : left() / 2;
        while (true)
        {
            try
            {
                await _admin.CreateTopicsAsync([options.SpecificationOf(topic)],
                    new CreateTopicsOptions { RequestTimeout = patience, OperationTimeout = patience }).ConfigureAwait(false);
                Log.TopicCreated(_logger, topic, options.Partitions);
                return true;
            }
            catch (CreateTopicsException e) when (e.Results is [{ Error.Code: ErrorCode.TopicAlreadyExists }])
            {
                return true;
            }
            catch (CreateTopicsException e)
            {
                throw Errors.TopicNotCreated(topic, e.Results is [var result, ..] ? result.Error : e.Error);
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.UnsupportedVersion
                || HasNoController(e.Error))
            {
                Log.TopicLeftToBroker(_logger, topic, e.Error.Reason);
                return false;
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_TimedOut or ErrorCode.RequestTimedOut)
            {
                patience = left();
            }
            catch (KafkaException e)
            {
                throw Errors.TopicUnreachable(topic, e.Error.Code, _log.Scrub(e.Error.Reason));
            }
        }
    }

    // As brokers that only imitate Kafka's: they have none, and create topics by themselves.
    private static bool HasNoController(Error error) =>
        error.Code == ErrorCode.Local_TimedOut && error.Reason.Contains("controller", StringComparison.OrdinalIgnoreCase);

    private static int? PartitionsOf(TopicMetadata topic)
    {
        if (topic.Error.Code is ErrorCode.NoError) return topic.Partitions.Count > 0 ? topic.Partitions.Count : null;
        if (topic.Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable) return null;
        throw Errors.TopicRefused(topic.Topic, topic.Error);
    }

    private Task<T> RunAsync<T>(string topic, Func<T> call) => Task.Run(() =>
    {
        try
        {
            return call();
        }
        catch (KafkaException e)
        {
            throw Errors.TopicUnreachable(topic, e.Error.Code, _log.Scrub(e.Error.Reason));
        }
    });
}
