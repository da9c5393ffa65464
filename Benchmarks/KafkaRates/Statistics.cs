using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Tikr.Benchmarks.KafkaRates;

/// <summary>Hears librdkafka's statistics ("STATISTICS.md" of librdkafka) where the producer logs them.</summary>
internal sealed class Statistics : ILogger, IDisposable
{
    private readonly SemaphoreSlim _news = new(0);
    private Sent _sent;

    /// <param name="Records">Records sent.</param>
    /// <param name="Bytes">Bytes of all requests.</param>
    /// <param name="Batch">Records of a batch, on the average of the topic's last batches.</param>
    public sealed record Sent(long Records, long Bytes, long Batch);

    public Statistics() => _sent = new Sent(0, 0, 0);

    /// <summary>The statistics once they have all records.</summary>
    public async Task<Sent> AfterAsync(int records)
    {
        while (Volatile.Read(ref _sent).Records < records) await _news.WaitAsync().ConfigureAwait(false);
        return _sent;
    }

    public void Dispose() => _news.Dispose();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state,
        Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> fields
            || fields.FirstOrDefault(field => field.Key == "Json").Value is not string json) return;
        using var read = JsonDocument.Parse(json);
        var (root, batch) = (read.RootElement, 0L);
        foreach (var topic in root.GetProperty("topics").EnumerateObject())
            batch = Math.Max(batch, topic.Value.GetProperty("batchcnt").GetProperty("avg").GetInt64());
        Volatile.Write(ref _sent,
            new Sent(root.GetProperty("txmsgs").GetInt64(), root.GetProperty("tx_bytes").GetInt64(), Math.Max(batch, _sent.Batch)));
        _news.Release();
    }
}
