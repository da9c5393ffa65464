using System.Collections.Concurrent;

namespace Tikr.Tests.Streaming.Kafka.Support;

/// <summary>What grains of a cluster got from streams, in the order of arrival per stream.</summary>
internal sealed class Collected
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<(string Value, long Offset)>> _streams = new(StringComparer.Ordinal);

    /// <summary>Whether grains fail instead; counted.</summary>
    public Func<string, bool> Fails { get; set; } = _ => false;

    /// <summary>What events brought in the request context under <c>caller</c>, by value.</summary>
    public ConcurrentDictionary<string, object?> Callers { get; } = new(StringComparer.Ordinal);

    public int Count => _streams.Values.Sum(stream => stream.Count);

    public IReadOnlyList<string> Streams => [.. _streams.Keys.Order()];

    public void Add(string stream, string value, long offset) => _streams.GetOrAdd(stream, _ => new()).Enqueue((value, offset));

    public IReadOnlyList<(string Value, long Offset)> Of(string stream) => _streams.TryGetValue(stream, out var got) ? [.. got] : [];

    public IReadOnlyList<string> ValuesOf(string stream) => [.. Of(stream).Select(one => one.Value)];

    /// <summary>Every value of every stream, once.</summary>
    public HashSet<string> Values => [.. _streams.Values.SelectMany(stream => stream).Select(one => one.Value)];
}
