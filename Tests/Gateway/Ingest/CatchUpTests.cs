using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

/// <summary>
/// An ordered replay is delivered once per bucket, whole, at whatever speed it comes and whatever else its stream sends. Each delivery of a
/// past bucket is a record that is published.
/// </summary>
public sealed class CatchUpTests : IDisposable
{
    private const int Buckets = 20, TicksPerBucket = 10;
    private const long Second = IngestBench.Second, Step = Second / TicksPerBucket, First = IngestBench.Start - (3_000 * Second);
    private readonly SteppedLane _stepped = new();
    private readonly Source _source = new(), _other = new();

    public static TheoryData<int> Pauses => [2_000, 950, 100, 10, 2];

    private long Now => _stepped.Bench.Now.UnixNs;

    [Theory, MemberData(nameof(Pauses))]
    public void After_a_live_tick_of_another_key(int milliseconds)
    {
        _stepped.Send(_source, new Tick("L", Now - (Second / 20)));
        Replay(milliseconds, i => _stepped.Send(_source, Past("K", i)));

        AssertOnce("K", sparse: milliseconds > 1_000);
    }

    [Theory, MemberData(nameof(Pauses))]
    public void Between_live_ticks_of_another_key_of_the_same_stream(int milliseconds)
    {
        Replay(milliseconds, i => _stepped.Send(_source, new Tick("L", Now), Past("K", i), new Tick("L", Now)));

        AssertOnce("K", sparse: milliseconds > 1_000);
    }

    [Theory, MemberData(nameof(Pauses))]
    public void Between_live_ticks_of_the_same_key_of_the_same_stream(int milliseconds)
    {
        Replay(milliseconds, i => _stepped.Send(_source, Past("K", i), new Tick("K", Now)));

        AssertOnce("K", sparse: milliseconds > 1_000);
    }

    [Theory, MemberData(nameof(Pauses))]
    public void Beside_live_ticks_of_the_same_key_of_another_stream(int milliseconds)
    {
        Replay(milliseconds, i =>
        {
            _stepped.Send(_source, Past("K", i));
            _stepped.Send(_other, new Tick("K", Now));
        });

        AssertOnce("K", sparse: milliseconds > 1_000);
    }

    [Theory, MemberData(nameof(Pauses))]
    public void By_two_streams_of_which_each_brings_every_other_tick(int milliseconds)
    {
        Replay(milliseconds, i => _stepped.Send(i % 2 == 0 ? _source : _other, Past("K", i)));

        AssertOnce("K", sparse: milliseconds > 1_000);
    }

    [Theory, InlineData(10), InlineData(2)]
    public void By_two_streams_one_five_buckets_behind_the_other(int milliseconds)
    {
        const int Behind = 5 * TicksPerBucket;
        for (var i = 0; i < (Buckets * TicksPerBucket) + Behind; i += 2)
        {
            if (i < Buckets * TicksPerBucket) _stepped.Send(_source, Past("K", i));
            _stepped.Send(_other, Past("K", i - Behind + 1));
            _stepped.RunFor(TimeSpan.FromMilliseconds(milliseconds));
        }

        _stepped.RunFor(TimeSpan.FromSeconds(3));
        _stepped.Router.Delivered.RemoveAll(one => one.BucketStart < First);
        AssertOnce("K");
    }

    [Theory, MemberData(nameof(Pauses))]
    public void By_one_stream_after_another(int milliseconds)
    {
        var source = new Source();
        Replay(milliseconds, i =>
        {
            _stepped.Send(source, Past("K", i));
            if (i % 7 != 6) return;
            _stepped.Lane.Queue.TryAdd(new QueuedMessage(_stepped.Bench.Series, null, source));
            source = new Source();
        });

        AssertOnce("K", sparse: milliseconds > 1_000);
    }

    [Fact]
    public void Of_one_key_after_the_other_on_the_same_stream()
    {
        for (var key = 0; key < 5; key++)
        {
            for (var i = 0; i < Buckets * TicksPerBucket; i++)
            {
                _stepped.Send(_source, Past($"K{key}", i));
                _stepped.RunFor(TimeSpan.FromMilliseconds(10));
            }
        }

        _stepped.RunFor(TimeSpan.FromSeconds(3));
        for (var key = 0; key < 5; key++) AssertOnce($"K{key}");
    }

    [Fact]
    public void Of_many_keys_bucket_by_bucket_in_messages_out_of_order()
    {
        var random = new Random(7);
        for (var bucket = 0; bucket < Buckets; bucket++)
        {
            var ticks = Enumerable.Range(0, 100 * TicksPerBucket).Select(i => Past($"K{i % 100}", (bucket * TicksPerBucket) + (i / 100)));
            _stepped.Send(_source, [.. ticks.OrderBy(_ => random.Next())]);
            _stepped.RunFor(TimeSpan.FromMilliseconds(300));
        }

        _stepped.RunFor(TimeSpan.FromSeconds(3));
        for (var key = 0; key < 100; key++) AssertOnce($"K{key}");
    }

    public void Dispose() => _stepped.Dispose();

    private static Tick Past(string symbol, int i) => new(symbol, First + (i * Step));

    private void Replay(int milliseconds, Action<int> send)
    {
        for (var i = 0; i < Buckets * TicksPerBucket; i++)
        {
            send(i);
            _stepped.RunFor(TimeSpan.FromMilliseconds(milliseconds));
        }

        _stepped.RunFor(TimeSpan.FromSeconds(3));
    }

    private IEnumerable<Delivered> Of(string symbol) => _stepped.Router.Delivered.Where(one => one.Symbol == symbol && one.Close);

    // With pauses longer than the silence that ends a bucket each tick is a bar of its own, and all are there.
    private void AssertOnce(string symbol, bool sparse = false)
    {
        if (sparse) Assert.Equal(Buckets * TicksPerBucket, Of(symbol).Sum(one => one.Ticks));
        else Assert.Equal(
            Enumerable.Range(0, Buckets).Select(i => (First + (i * Second), (long)TicksPerBucket)),
            Of(symbol).OrderBy(one => one.BucketStart).Select(one => (one.BucketStart, one.Ticks)));
    }
}
