using System.Runtime.CompilerServices;
using Tikr.Core.Dimensions;
using Tikr.Storage;

namespace Tikr.Gateway.Queries;

/// <summary>The keys that a query means, in the order in which it answers them.</summary>
internal sealed class KeyListing(IKeyStore keys)
{
    /// <summary>One look-up where every dimension is given, else a listing of the matching keys.</summary>
    public async IAsyncEnumerable<StoredKey> ListAsync(QueryRange range, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (Array.TrueForAll(range.Match, value => value is not null))
        {
            var dimensions = new DimensionSet(range.Series.Model.Spec, range.Match!);
            if (await keys.FindAsync(range.Series, dimensions, cancellation).ConfigureAwait(false) is { } key) yield return key;
            yield break;
        }

        await foreach (var key in keys.ListAsync(range.Series, range.Match, cancellation).ConfigureAwait(false)) yield return key;
    }
}
