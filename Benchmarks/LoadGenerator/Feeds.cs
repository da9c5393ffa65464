using Grpc.Net.Client;

namespace Tikr.LoadGenerator;

/// <summary>Everything that sends in a run: the streams of the load, and the probe whose key comes after theirs.</summary>
internal sealed class Feeds
{
    public Feeds(LoadOptions options, GrpcChannel channel)
    {
        Validate(options);
        var late = options.LateShare > 0;
        Streams = [.. Enumerable.Range(0, options.Streams).Select(i => new LoadStream(
            options,
            new Feed(options, KeysOf(options, i), options.SharedKeys
                ? new TickTimes(i, options.Streams, late) : new TickTimes(0, 1, late), options.Seed + i)))];
        var one = options with { TicksPerMessage = 1, LateShare = 0, Zipf = false };
        Probe = new AckProbe(channel, new Feed(one, [options.Keys], new TickTimes(0, 1, false), options.Seed));
        All = options.Probe ? [.. Streams.Select(stream => stream.Feed), Probe.Feed] : [.. Streams.Select(stream => stream.Feed)];
    }

    public LoadStream[] Streams { get; }

    public AckProbe Probe { get; }

    public Feed[] All { get; }

    /// <summary>Ticks of the streams so far.</summary>
    public long Ticks => Streams.Sum(stream => stream.Feed.Ticks);

    /// <summary>Folds what ended by a time; returns the time before which no tick comes from any feed.</summary>
    public long FoldUntil(long ns) => All.Select(feed => feed.FoldUntil(ns)).ToArray().Min();

    /// <summary>Takes the bars of buckets that end by a time.</summary>
    public ExpectedRun TakeBelow(long ns, Shape shape) => new(All.SelectMany(feed => feed.TakeBelow(ns)), shape);

    private static int[] KeysOf(LoadOptions options, int stream) =>
        [.. Enumerable.Range(0, options.Keys).Where(key => options.SharedKeys || key % options.Streams == stream)];

    private static void Validate(LoadOptions options)
    {
        if (options.Keys < 1 || options.Keys >= Symbols.Most)
            throw new ArgumentException($"--keys {options.Keys}: must be 1 to {Symbols.Most - 1}.");
        if (options.Streams < 1 || (options.Streams > options.Keys && !options.SharedKeys))
            throw new ArgumentException(
                $"--streams {options.Streams}: must be 1 to the number of keys ({options.Keys}), or use --shared-keys.");
        if (options.TicksPerMessage < 1) throw new ArgumentException($"--ticks-per-message {options.TicksPerMessage}: must be at least 1.");
        if (options.LateShare is < 0 or > 1) throw new ArgumentException($"--late {options.LateShare:P0}: must be from 0% to 100%.");
    }
}
