using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Streaming.Kafka.Producing;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>
/// Records of one size by our producer and by one task per record: how many per second, and how much processor time a million takes. The
/// ratios say more than the numbers.
/// </summary>
internal static class Produce
{
    private const int Keys = 10_000;
    private const int AwaitedAtOnce = 10_000;

    public static async Task RunAsync(int records, int bytes, int rounds)
    {
        await using var broker = await BrokerProcess.StartAsync(("ours", 4), ("tasks", 4));
        var brokers = broker.Address;
        var work = new Work(records, bytes);

        List<Measured> ours = [], tasks = [];
        for (var round = 0; round <= rounds; round++)
        {
            var (first, second) = (await OursAsync(brokers, work), await TasksAsync(brokers, work));
            // The first is for the compiler.
            if (round > 0) (ours, tasks) = ([.. ours, first], [.. tasks, second]);
            Show(round == 0 ? "warm-up" : $"round {round}", first, second);
        }

        Show("medians", Measured.Median(ours), Measured.Median(tasks));
    }

    private static void Show(string what, Measured ours, Measured tasks) => Console.WriteLine(
        $"{what,-8} callback {ours.Rate,9:N0}/s {ours.CpuMicroseconds,5:0.00} CPU s per M   "
            + $"task per record {tasks.Rate,9:N0}/s {tasks.CpuMicroseconds,5:0.00} CPU s per M   "
        + $"ratios {ours.Rate / tasks.Rate:0.00} {tasks.CpuMicroseconds / ours.CpuMicroseconds:0.00}");

    private static async Task<Measured> OursAsync(string brokers, Work work)
    {
        await using var producer = new KafkaRecordProducer(new KafkaProducerOptions { BootstrapServers = brokers }, NullLogger.Instance);
        var count = new Count();
        var clock = new Clock();
        for (var i = 0; i < work.Records; i++)
            await producer.ProduceAsync(new KafkaRecord { Topic = "ours", Key = work.KeyOf(i), Value = work.Value }, count, i);
        await producer.FlushAsync(TimeSpan.FromMinutes(5));
        return work.Measure(clock, count.Delivered);
    }

    private static async Task<Measured> TasksAsync(string brokers, Work work)
    {
        var config = new ProducerConfig
        {
            BootstrapServers = brokers,
            Acks = Acks.All,
            EnableIdempotence = true,
            CompressionType = CompressionType.Zstd,
            LingerMs = 5
        };
        using var producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        var pending = new Queue<Task<DeliveryResult<byte[], byte[]>>>();
        var delivered = 0;
        var clock = new Clock();
        for (var i = 0; i < work.Records; i++)
        {
            if (pending.Count == AwaitedAtOnce) delivered += (await pending.Dequeue()).Status == PersistenceStatus.Persisted ? 1 : 0;
            pending.Enqueue(producer.ProduceAsync("tasks", new Message<byte[], byte[]> { Key = work.KeyOf(i), Value = work.Value }));
        }

        foreach (var task in pending) delivered += (await task).Status == PersistenceStatus.Persisted ? 1 : 0;
        return work.Measure(clock, delivered);
    }

    private sealed class Work
    {
        private readonly byte[][] _keys =
            [.. Enumerable.Range(0, Keys).Select(key => System.Text.Encoding.ASCII.GetBytes($"symbol=S{key:00000}"))];

        public Work(int records, int bytes)
        {
            Records = records;
            Value = new byte[bytes];
            new Random(1).NextBytes(Value.AsSpan(0, bytes / 8));
        }

        public int Records { get; }

        public byte[] Value { get; }

        public byte[] KeyOf(int record) => _keys[record % Keys];

        public Measured Measure(Clock clock, int delivered) =>
            delivered == Records ? clock.For(Records)
                : throw new InvalidOperationException($"{delivered} of {Records} records were delivered.");
    }

    private sealed class Count : IKafkaDelivery
    {
        private int _delivered;

        public int Delivered => Volatile.Read(ref _delivered);

        void IKafkaDelivery.Delivered(long token, int partition, long offset) => Interlocked.Increment(ref _delivered);

        public void Failed(long token, KafkaDeliveryFailure failure) => throw new InvalidOperationException($"{failure}");
    }
}
