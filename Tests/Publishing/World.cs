using System.Collections.Frozen;
using Microsoft.Extensions.Logging.Abstractions;
using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Core.Time;
using Tikr.Publishing.Hosting;
using Tikr.Publishing.Metrics;
using Tikr.Publishing.Records;
using Tikr.Publishing.Sending;
using Tikr.Storage;
using Tikr.Tests.Support;
using Tikr.Tests.Support.Memory;
using Tikr.Tests.Support.Time;

namespace Tikr.Tests.Publishing;

/// <summary>One series, its store, its senders and a topic, in the test's hands: nothing happens unless a step says so.</summary>
internal sealed class World : IAsyncDisposable
{
    private const int Partitions = 2, Keys = 4;
    private readonly SteppingTime _time = new(DateTimeOffset.UnixEpoch.AddSeconds(2_000_000));
    private readonly MemoryDisk _disk = new();
    private readonly TestMeters _meters = new();
    private readonly Dictionary<(uint Key, long Bucket), Bar> _stored = [];
    private readonly Dictionary<uint, long> _nextBucket = [];
    private readonly long _origin;
    private MemoryStore _store = null!;
    private Series _series = null!;
    private OutputMetrics _metrics = null!;
    private OutputSet _outputs = OutputSet.Empty;

    private World(SenderOptions options)
    {
        Options = options;
        _origin = _time.GetUnixNanoseconds() / TestSeries.Second * TestSeries.Second;
    }

    public SenderOptions Options { get; }

    public FakeTopic[] Topics { get; } = [new(), new()];

    public MemoryDisk Disk => _disk;

    public MemoryStore Store => _store;

    public SteppingTime Time => _time;

    public OutputMetrics Metrics => _metrics;

    public IReadOnlyList<OutboxSender> Senders { get; private set; } = [];

    /// <summary>Bars given up because they were refused.</summary>
    public long DeadLetters => _metrics.TotalDropped;

    public static async Task<World> StartAsync(SenderOptions? options = null, bool severalWriters = false)
    {
        var world = new World(options ?? new SenderOptions { MaxInFlight = 8, MaxOffered = 4, DeleteBatch = 3, TimesAlone = 2 });
        world._disk.HasSeveralProcesses = severalWriters;
        world._metrics = new OutputMetrics(world._meters);
        await world.StartProcessAsync();
        return world;
    }

    /// <summary>Writes bars: the next bucket of a key, or a new revision of one of its last.</summary>
    public async Task WriteAsync(int choice, int count, Fault fault = Fault.None, bool elsewhere = false)
    {
        List<BarWrite> writes = [];
        var before = _nextBucket.ToList();
        for (var i = 0; i < count; i++) writes.Add(Next(choice + (i * 7)));
        _store.Faults.OnWrite = _ => fault;
        try
        {
            var results = await _store.WriteAsync(writes, default);
            foreach (var (write, result) in writes.Zip(results)) Note(write, result);
            if (!elsewhere) Offer(writes, results);
        }
        catch (StoreUnavailableException)
        {
            if (fault == Fault.AnswerLost)
            {
                foreach (var write in writes)
                    _stored[(write.KeyId, write.Bar.BucketStart)] = _disk.BarOf(_series, write.KeyId, write.Bar.BucketStart)!;
            }

            if (fault == Fault.NotDone)
            {
                _nextBucket.Clear();
                foreach (var (key, next) in before) _nextBucket[key] = next;
            }

            _outputs.LookForMissed();
        }
        finally
        {
            _store.Faults.OnWrite = null;
        }
    }

    public async Task StepAsync(int sender)
    {
        try
        {
            await Senders[sender % Senders.Count].StepAsync(default);
        }
        catch (StoreUnavailableException)
        {
            // As in the loop: the next round tries again.
        }
    }

    /// <summary>The process dies; some of what was under way was written.</summary>
    public async Task CrashAsync(int written)
    {
        _store.Crash();
        foreach (var topic in Topics) topic.Forget(written);
        await StartProcessAsync();
    }

    /// <summary>Lets everything go well until nothing waits.</summary>
    public async Task SettleAsync()
    {
        _store.Faults.OnDelete = null;
        for (var round = 0; round < 400 && !(await IsEmptyAsync()); round++)
        {
            foreach (var topic in Topics)
            {
                topic.Capacity = int.MaxValue;
                topic.Deliver(int.MaxValue);
            }

            for (var i = 0; i < Senders.Count; i++) await StepAsync(i);
            _time.Advance(TimeSpan.FromMilliseconds(400));
        }
    }

    /// <summary>Nothing is missing, every key goes on in order after any repetition, and what is there twice is the same.</summary>
    public void Check(bool allowsDeadLetters = false, bool ordersBuckets = true)
    {
        Assert.Empty(_disk.OutboxEntries);
        var last = new Dictionary<(string Key, long Bucket, int Revision), (int At, PublishedBarText Text)>();
        var all = Topics.SelectMany(topic => topic.Bars).ToList();
        for (var i = 0; i < all.Count; i++)
        {
            var (key, bar) = all[i];
            var text = PublishedBarText.Of(bar);
            if (last.TryGetValue((key, bar.BucketStart, bar.Revision), out var before)) Assert.Equal(before.Text, text);
            last[(key, bar.BucketStart, bar.Revision)] = (i, text);
        }

        var missing = _stored.SelectMany(
            bar => Enumerable.Range(0, bar.Value.Revision + 1).Select(revision => (Key: NameOf(bar.Key.Key), bar.Key.Bucket, revision)))
            .Where(identity => !last.ContainsKey(identity)).ToList();
        Assert.True(missing.Count <= (allowsDeadLetters ? DeadLetters : 0),
            $"Missing {string.Join(", ", missing)}; {DeadLetters} dead letters.");
        foreach (var bar in _stored)
        {
            if (last.TryGetValue((NameOf(bar.Key.Key), bar.Key.Bucket, bar.Value.Revision), out var published))
                Assert.Equal(bar.Value.TickCount, published.Text.TickCount);
        }

        foreach (var key in last.GroupBy(bar => bar.Key.Key))
        {
            if (ordersBuckets) AssertAscending(key.Where(bar => bar.Key.Revision == 0)
                .OrderBy(bar => bar.Value.At).Select(bar => bar.Key.Bucket), $"first revisions of {key.Key}");
            foreach (var bucket in key.GroupBy(bar => bar.Key.Bucket))
                AssertAscending(bucket.OrderBy(bar => bar.Value.At).Select(bar => (long)bar.Key.Revision), $"revisions of {bucket.Key}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var sender in Senders) await sender.DisposeAsync();
        _metrics.Dispose();
    }

    private async Task<bool> IsEmptyAsync()
    {
        foreach (var partition in OutboxPartitions.AllOf(_series.Id, Partitions))
        {
            if ((await _store.MeasureAsync(partition, default)).Entries > 0) return false;
        }

        return true;
    }

    private async Task StartProcessAsync()
    {
        _store = new MemoryStore(_disk, _time) { BarTtl = TimeSpan.FromHours(24) };
        _series = (await _store.OpenAsync([TestSeries.Model()], default))[0];
        var keys = Enumerable.Range(1, Keys)
            .Select(key => new InternedKey(_series.Model, new DimensionSet(_series.Model.Spec, [$"k{key}"]))).ToList();
        await _store.ResolveAsync(_series, keys, default);
        var output = new PublishedSeries(_series, new DimensionDirectory(_store), "tikr");
        Senders = [.. OutboxPartitions.AllOf(_series.Id, Partitions).Select((partition, i) => new OutboxSender(
            partition, output, _store, Topics[i], OpenGate.Instance, new SenderStatus(_metrics, new DropLog(
                _metrics, _time, NullLogger.Instance), new TopicLog(NullLogger.Instance)), Options, _time, NullLogger.Instance))];
        _outputs = OutputSet.Empty with { OutboxSenders = Senders.ToFrozenDictionary(sender => sender.OutboxPartition) };
    }

    private void Offer(List<BarWrite> writes, BarWriteResult[] results)
    {
        var stored = new StoredBar[results.Length];
        _outputs.Offer(stored.AsSpan(0, StoredBar.Pick(writes, results, stored)));
    }

    private BarWrite Next(int choice)
    {
        var keyId = (uint)(1 + (choice % Keys));
        var written = _nextBucket.GetValueOrDefault(keyId);
        var back = choice / Keys % 4;
        var bucket = back is 0 or 1 || back - 2 >= written
            ? _origin + (written * TestSeries.Second) : _origin + ((written - 1 - (back - 2)) * TestSeries.Second);
        var stored = _disk.BarOf(_series, keyId, bucket);
        if (bucket == _origin + (written * TestSeries.Second)) _nextBucket[keyId] = written + 1;
        var count = (stored?.TickCount ?? 0) + 1;
        var bar = new Bar
        {
            BucketStart = bucket,
            FirstTimestamp = bucket,
            LastTimestamp = bucket + count,
            TickCount = count,
            Values = [count, 1, 2, 1, 2, count],
            Present = 0b111111,
        };
        return new BarWrite(_series, keyId, bar, stored?.Revision ?? -1, OutboxPartitions.OfBars(_series.Id, Partitions, keyId));
    }

    private void Note(BarWrite write, BarWriteResult result)
    {
        if (result.Outcome == BarWriteOutcome.Stored) _stored[(write.KeyId, write.Bar.BucketStart)] = result.Current!;
    }

    private static string NameOf(uint keyId) => $"symbol=k{keyId}";

    private static void AssertAscending(IEnumerable<long> values, string what)
    {
        var list = values.ToList();
        for (var i = 1; i < list.Count; i++) Assert.True(list[i] > list[i - 1], $"{what}: {list[i]} after {list[i - 1]}");
    }
}

/// <summary>What of a bar must be equal where it lies twice.</summary>
internal sealed record PublishedBarText(long BucketEnd, long TickCount, long Last, string Metrics)
{
    public static PublishedBarText Of(Core.Otlp.PublishedBar bar) => new(
        bar.BucketEnd, bar.TickCount, bar.LastTimestamp, string.Join(
            ",", bar.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).Select(metric => $"{metric.Key}={metric.Value}")));
}

/// <summary>Topics that are there.</summary>
internal sealed class OpenGate : ITopicGate
{
    public static OpenGate Instance { get; } = new();

    public bool IsOpen(string topic) => true;
}
