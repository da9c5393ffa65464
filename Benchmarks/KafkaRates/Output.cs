using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Specs;
using Tikr.Publishing;
using Tikr.Publishing.Hosting;
using Tikr.Publishing.Kafka;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;
using Tikr.Storage;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>How far bars go.</summary>
internal enum Reach
{
    /// <summary>Into the store.</summary>
    Store,

    /// <summary>Into the outbox beside, and nobody takes them out.</summary>
    Outbox,

    /// <summary>Out of it by the senders, encoded, to nowhere.</summary>
    Nowhere,

    /// <summary>Into the topic.</summary>
    Kafka,
}

/// <summary>The senders of the series, as a server has them.</summary>
internal sealed class Output : IAsyncDisposable
{
    public const int Partitions = 4;
    private readonly OutputMetrics _metrics;
    private readonly KafkaClients _clients;
    private readonly List<OutboxSender> _senders = [];
    private readonly OutputSet _outputs = OutputSet.Empty;

    public Output(Rig rig, Reach reach, string brokers)
    {
        _metrics = new OutputMetrics(rig.Meters);
        _clients = new KafkaClients(new KafkaOutputOptions { Brokers = brokers }, rig.Meters, TimeProvider.System, NullLogger.Instance);
        if (reach < Reach.Nowhere) return;
        var status = new SenderStatus(
            _metrics, new DropLog(_metrics, TimeProvider.System, NullLogger.Instance), new TopicLog(NullLogger.Instance));
        var series = new PublishedSeries(rig.Series, new DimensionDirectory(rig.Keys), "tikr");
        foreach (var partition in OutboxPartitions.AllOf(rig.Series.Id, Partitions))
        {
            var sink = reach == Reach.Kafka ? _clients.SinkOf(FailurePolicy.Spool) : new NullSink();
            _senders.Add(new OutboxSender(
                partition, series, rig.Outbox, sink, new OpenGate(), status,
                    new SenderOptions(), TimeProvider.System, NullLogger.Instance));
        }

        _outputs = OutputSet.Empty with { OutboxSenders = _senders.ToFrozenDictionary(sender => sender.OutboxPartition) };
        foreach (var sender in _senders) sender.Start();
    }

    /// <summary>Offers stored bars to the senders, as a listener of the bar writer does.</summary>
    public void Offer(ReadOnlySpan<StoredBar> bars) => _outputs.Offer(bars);

    public async Task DeliversAsync(int bars)
    {
        if (_senders.Count == 0) return;
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (_metrics.TotalDelivered < bars) await pause.WaitForNextTickAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in _senders) await sender.DisposeAsync().ConfigureAwait(false);
        await _clients.DisposeAsync().ConfigureAwait(false);
        _metrics.Dispose();
    }
}
