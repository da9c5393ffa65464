using Tikr.Core.Time;
using Tikr.Storage;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>
/// Bars as grains write them, 2,500 at once and as fast as the store takes them, until the last one is in the topic; beside the same into
/// the store alone. The difference is the cost of the output.
/// </summary>
internal static class BarRates
{
    private const int AtOnce = 2_500;

    public static async Task RunAsync(int keys, int buckets, int rounds)
    {
        await using var broker = await BrokerProcess.StartAsync((Trades.Topic, 32)).ConfigureAwait(false);
        var all = Enum.GetValues<Reach>().ToDictionary(reach => reach, _ => (Ours: new List<Measured>(), Brokers: new List<double>()));
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var (reach, (ours, brokers)) in all)
            {
                var before = broker.Cpu;
                var one = await OneAsync(keys, buckets, reach, broker.Address).ConfigureAwait(false);
                // The first is for the compiler.
                if (round == 0) continue;
                ours.Add(one);
                brokers.Add((broker.Cpu - before).TotalMicroseconds / (keys * buckets));
            }
        }

        var store = Measured.Median(all[Reach.Store].Ours);
        Console.WriteLine($"{keys:N0} keys, {keys * buckets:N0} bars, medians of {rounds}");
        foreach (var (reach, (ours, brokers)) in all)
        {
            var median = Measured.Median(ours);
            Console.WriteLine(
                $"{reach,-8} {median.Rate,9:N0} bars/s ({ours.Min(one => one.Rate):N0} - "
                    + $"{ours.Max(one => one.Rate):N0})  {median.CpuMicroseconds,6:0.00} CPU us per bar, "
                + $"{median.CpuMicroseconds / store.CpuMicroseconds:0.00} times that of "
                    + $"the store; broker {brokers.Order().ElementAt(rounds / 2):0.00}");
        }
    }

    private static async Task<Measured> OneAsync(int keys, int buckets, Reach reach, string brokers)
    {
        var trades = new Trades(keys);
        await using var rig = await Rig.StartAsync(trades).ConfigureAwait(false);
        await using var output = new Output(rig, reach, brokers);
        // Recent enough to be kept, and made beforehand.
        var first = (TimeProvider.System.GetUnixNanoseconds() / 1_000_000_000) - 900;
        List<List<BarWrite>> batches = [];
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            foreach (var chunk in Enumerable.Range(0, keys).Chunk(AtOnce))
                batches.Add([.. chunk.Select(key => WriteOf(key, (first + bucket) * 1_000_000_000))]);
        }

        GC.Collect();
        var clock = new Clock();
        var stored = new StoredBar[AtOnce];
        foreach (var batch in batches)
        {
            var results = await rig.Bars.WriteAsync(batch, CancellationToken.None).ConfigureAwait(false);
            output.Offer(stored.AsSpan(0, StoredBar.Pick(batch, results, stored)));
        }

        await output.DeliversAsync(keys * buckets).ConfigureAwait(false);
        return clock.For(keys * buckets);

        BarWrite WriteOf(int key, long bucketNs)
        {
            var partition = reach == Reach.Store ? -1 : OutboxPartitions.OfBars(rig.Series.Id, Output.Partitions, rig.KeyIds[key]);
            return new BarWrite(rig.Series, rig.KeyIds[key], trades.Next(key, bucketNs), -1, partition);
        }
    }
}
