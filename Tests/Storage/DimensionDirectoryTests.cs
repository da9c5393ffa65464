using Tikr.Core.Dimensions;
using Tikr.Core.Rollup;
using Tikr.Storage;
using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Storage;

/// <summary>Dimensions by key number are read from the key table once, many at a time, and within a bound.</summary>
public sealed class DimensionDirectoryTests
{
    private readonly CountingKeys _keys = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_not_known_is_read_at_once_and_never_again()
    {
        var directory = new DimensionDirectory(_keys);
        Assert.Null(directory.Find(CountingKeys.Series, 1));

        Assert.Equal(["k1", "k2"], await ValuesAsync(directory, 1, 2));
        Assert.Equal(["k1", "k2", "k3"], await ValuesAsync(directory, 1, 2, 3));
        Assert.Equal(["k1", "k3"], await ValuesAsync(directory, 1, 3));

        Assert.Equal(["1,2", "3"], _keys.Reads);
        Assert.Equal("k2", directory.Find(CountingKeys.Series, 2)?.Values[0]);
    }

    [Fact]
    public async Task Keys_that_are_gone_are_left_out_and_asked_for_again()
    {
        var directory = new DimensionDirectory(_keys);

        Assert.Equal(["k1"], await ValuesAsync(directory, 1, CountingKeys.Gone));
        Assert.Equal(["k1"], await ValuesAsync(directory, 1, CountingKeys.Gone));

        Assert.Equal([$"1,{CountingKeys.Gone}", $"{CountingKeys.Gone}"], _keys.Reads);
        Assert.Null(directory.Find(CountingKeys.Series, CountingKeys.Gone));
    }

    [Fact]
    public async Task More_keys_than_the_bound_are_found_but_not_all_remembered()
    {
        var directory = new DimensionDirectory(_keys, maxKeys: 3);
        Assert.Equal(5, (await ValuesAsync(directory, 1, 2, 3, 4, 5)).Count);
        Assert.Equal(3, Enumerable.Range(1, 5).Count(key => directory.Find(CountingKeys.Series, (uint)key) is not null));

        Assert.Equal(["k9"], await ValuesAsync(directory, 9));
        Assert.Null(directory.Find(CountingKeys.Series, 1));
        Assert.NotNull(directory.Find(CountingKeys.Series, 9));
    }

    private static async Task<List<string>> ValuesAsync(DimensionDirectory directory, params uint[] keyIds) =>
        [.. (await directory.FindAsync(CountingKeys.Series, keyIds, Stop))
            .OrderBy(key => key.KeyId).Select(key => key.Dimensions.Values[0])];

    /// <summary>A key table in which every number but one has a key, and which notes what it is asked for.</summary>
    private sealed class CountingKeys : IKeyStore
    {
        public const uint Gone = 77;

        public static Series Series { get; } = new(1, TestSeries.Model());

        public List<string> Reads { get; } = [];

        public ValueTask<IReadOnlyList<StoredKey>> FindByIdAsync(
            Series series, IReadOnlyCollection<uint> keyIds, CancellationToken cancellation)
        {
            Reads.Add(string.Join(",", keyIds));
            return ValueTask.FromResult<IReadOnlyList<StoredKey>>([.. keyIds.Where(keyId => keyId != Gone)
                .Select(keyId => new StoredKey(keyId, new DimensionSet(series.Model.Spec, [$"k{keyId}"])))]);
        }

        public ValueTask ResolveAsync(Series series, IReadOnlyList<InternedKey> keys, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public IAsyncEnumerable<StoredKey> ListAsync(Series series, string?[] match, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public ValueTask<StoredKey?> FindAsync(Series series, DimensionSet dimensions, CancellationToken cancellation) =>
            throw new NotSupportedException();
    }
}
