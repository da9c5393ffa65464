using System.Collections.Concurrent;
using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>Open bars that a test sets.</summary>
internal sealed class FakeOpenBars : IOpenBars
{
    public ConcurrentDictionary<uint, Bar[]> ByKey { get; } = new();

    public Task<Bar[][]> ReadAsync(
        Series series, IReadOnlyList<StoredKey> keys, long fromNs, long toNs, CancellationToken cancellation) =>
        Task.FromResult<Bar[][]>([.. keys.Select(key => ByKey.GetValueOrDefault(key.KeyId, [])
            .Where(bar => bar.BucketStart >= fromNs && bar.BucketStart < toNs).ToArray())]);
}
