using System.Collections.Concurrent;
using Tikr.Core.Otlp;
using Tikr.Core.Rollup;
using Tikr.Core.Specs;
using Tikr.Storage;

namespace Tikr.Publishing.Records;

/// <summary>A series as it is published: topics, encoder, and its keys as far as they were met.</summary>
internal sealed class PublishedSeries
{
    // About 280 bytes each. Beyond, all are forgotten and looked up again as they come.
    private const int MaxKeys = 1_000_000;
    private readonly ConcurrentDictionary<uint, PublishedKey> _keys = new();
    private readonly DimensionDirectory _dimensions;
    private readonly BarEncoder _encoder;

    public PublishedSeries(Series series, DimensionDirectory dimensions, string serviceName)
    {
        Series = series;
        _dimensions = dimensions;
        var kafka = series.Model.Spec.Kafka;
        var encoding = kafka is null ? BarEncoding.Otlp : BarEncodings.FromWord(kafka.Encoding);
        _encoder = BarEncoder.For(series.Model.Spec, encoding, serviceName);
        Topic = kafka?.Topic ?? "";
        LateTopic = series.Model.Spec.LateTopic ?? "";
        Policy = kafka?.OnFailure ?? FailurePolicy.Spool;
        BarContent = encoding == BarEncoding.Json ? ContentKind.Json : ContentKind.Protobuf;
    }

    /// <summary>The series.</summary>
    public Series Series { get; }

    /// <summary>Its name.</summary>
    public string Name => Series.Name;

    /// <summary>Topic of its bars; empty for none.</summary>
    public string Topic { get; }

    /// <summary>Topic of its late ticks; empty for none.</summary>
    public string LateTopic { get; }

    /// <summary>What happens to its bars while Kafka is away.</summary>
    public FailurePolicy Policy { get; }

    private ContentKind BarContent { get; }

    /// <summary>The key of a number, if it has been met.</summary>
    public PublishedKey? KeyOf(uint keyId) => _keys.TryGetValue(keyId, out var key) ? key : null;

    /// <summary>Looks keys up in the directory; those that are gone stay unknown.</summary>
    public async ValueTask ResolveAsync(IReadOnlyCollection<uint> keyIds, CancellationToken cancellation)
    {
        if (_keys.Count + keyIds.Count > MaxKeys) _keys.Clear();
        foreach (var key in await _dimensions.FindAsync(Series, keyIds, cancellation).ConfigureAwait(false))
            _keys[key.KeyId] = new PublishedKey(RecordKey.Of(key.Dimensions), _encoder.NewTemplate(key.Dimensions));
    }

    /// <summary>The record of an entry; its value lies in a buffer of <paramref name="buffers"/>.</summary>
    public OutgoingRecord RecordOf(in WaitingEntry entry, PublishedKey key, PayloadBuffers buffers)
    {
        if (entry.Bar is not { } bar)
            return new OutgoingRecord(LateTopic, key.Key, entry.Routed!.Request, ContentKind.Protobuf, 0, entry.Routed.TimeNs / 1_000_000);
        var ends = Series.Model.EndOf(bar.BucketStart);
        return new OutgoingRecord(Topic, key.Key, buffers.Encode(key.Template, bar), BarContent, bar.Revision, ends / 1_000_000);
    }
}
