using Confluent.Kafka;
using Tikr.Core.Time;
using Tikr.Publishing.Kafka;
using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;
using Tikr.Storage;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>
/// The same bars, as records of the server, with each compression: bytes that the client says it has sent, over the bars.
/// </summary>
internal static class WireBytes
{
    private const int Partitions = 8;

    public static async Task RunAsync(int keys, int buckets)
    {
        CompressionType[] kinds = [CompressionType.None, CompressionType.Lz4, CompressionType.Snappy, CompressionType.Zstd];
        await using var broker = await BrokerProcess.StartAsync(
            [.. kinds.Prepend(CompressionType.Gzip).Select(kind => ($"{Trades.Topic}-{kind}", Partitions))]).ConfigureAwait(false);
        // Once for the compiler.
        await OneAsync(keys, 1, CompressionType.Gzip, broker).ConfigureAwait(false);
        foreach (var kind in kinds) Console.WriteLine(await OneAsync(keys, buckets, kind, broker).ConfigureAwait(false));
    }

    private static async Task<string> OneAsync(int keys, int buckets, CompressionType kind, BrokerProcess broker)
    {
        var trades = new Trades(keys);
        await using var rig = await Rig.StartAsync(trades).ConfigureAwait(false);
        var series = new PublishedSeries(rig.Series, new DimensionDirectory(rig.Keys), "tikr");
        await series.ResolveAsync(rig.KeyIds, CancellationToken.None).ConfigureAwait(false);
        using var statistics = new Statistics();
        await using var producer = new KafkaRecordProducer(
            new KafkaProducerOptions
            {
                BootstrapServers = broker.Address,
                Compression = kind,
                StatisticsInterval = TimeSpan.FromMilliseconds(200)
            }, statistics);
        var (sink, buffers, reports) = (new KafkaSink(producer), new PayloadBuffers(), new Reports());
        var first = (TimeProvider.System.GetUnixNanoseconds() / 1_000_000_000) - 900;
        var values = 0L;
        var clock = new Clock();
        for (var i = 0; i < keys * buckets; i++)
        {
            var key = i % keys;
            var bar = trades.Next(key, (first + (i / keys)) * 1_000_000_000);
            var record = series.RecordOf(new WaitingEntry(0, rig.KeyIds[key], bar, null),
                series.KeyOf(rig.KeyIds[key])!.Value, buffers) with
            { Topic = $"{Trades.Topic}-{kind}" };
            values += record.Value.Length;
            while (!sink.TrySend(record, reports, i)) await Task.Delay(1).ConfigureAwait(false);
        }

        if (!await producer.FlushAsync(TimeSpan.FromMinutes(5)).ConfigureAwait(false) || reports.Failed > 0)
            throw new InvalidOperationException($"{reports.Failed} records failed, or more.");
        var (bars, cost) = (keys * buckets, clock.For(keys * buckets));
        var sent = await statistics.AfterAsync(bars).ConfigureAwait(false);
        return $"{kind,-7} {(double)sent.Bytes / bars,7:0.0} bytes per bar on the wire, "
            + $"{(double)sent.Bytes / values,5:0.00} of the {(double)values / bars:0} of payload; "
            + $"{sent.Batch:N0} records a batch, {cost.CpuMicroseconds:0.00} CPU us per bar";
    }

    private sealed class Reports : IDeliveryReports
    {
        private int _failed;

        public int Failed => Volatile.Read(ref _failed);

        public void Delivered(long token)
        {
        }

        void IDeliveryReports.Failed(long token, SendFailure failure) => Interlocked.Increment(ref _failed);
    }
}
