using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>Stored bars of a group of keys, read together and taken key by key.</summary>
internal sealed class StoredBars(IBarStore store, QueryRange range, IReadOnlyList<StoredKey> keys, CancellationToken cancellation)
    : IAsyncDisposable
{
    private readonly IAsyncEnumerator<KeyBar> _bars =
        store.ReadManyAsync(range.Series, [.. keys.Select(key => key.KeyId)], range.FromNs, range.ToNs, cancellation)
            .GetAsyncEnumerator(cancellation);

    private KeyBar? _next;
    private bool _ended;

    /// <summary>The next bar of a key; null when it has no more. Keys are asked for in the order of the group.</summary>
    public async ValueTask<Bar?> NextOfAsync(uint keyId)
    {
        if (_next is null && !_ended)
        {
            _ended = !await _bars.MoveNextAsync().ConfigureAwait(false);
            if (!_ended) _next = _bars.Current;
        }

        if (_next is not { } next || next.KeyId != keyId) return null;
        _next = null;
        return next.Bar;
    }

    public ValueTask DisposeAsync() => _bars.DisposeAsync();
}
