using System.Collections.Concurrent;
using Tikr.Core.Rollup;
using Tikr.Gateway.Queries;
using Tikr.Storage;

namespace Tikr.Tests.Gateway.Fakes;

/// <summary>Open bars that a test sets.</summary>
internal sealed class FakeOpenBars : IOpenBars
{
    public ConcurrentDictionary<uint, Bar[]> ByKey { get; } = new();

    public Task<Bar[]> ReadAsync(Series series, StoredKey key, long fromNs, long toNs) =>
        Task.FromResult(ByKey.GetValueOrDefault(key.KeyId, []).Where(bar => bar.BucketStart >= fromNs && bar.BucketStart < toNs).ToArray());
}
