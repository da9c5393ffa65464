namespace Tikr.Storage;

/// <summary>Short forms.</summary>
public static class BarStoreExtensions
{
    /// <summary>Writes bars as <see cref="IBarStore.WriteAsync"/> does and returns what became of them, in an array of its own.</summary>
    public static async ValueTask<BarWriteResult[]> WriteAsync(
        this IBarStore store, IReadOnlyList<BarWrite> writes, CancellationToken cancellation)
    {
        var results = new BarWriteResult[writes.Count];
        await store.WriteAsync(writes, results, cancellation).ConfigureAwait(false);
        return results;
    }
}
