using System.Diagnostics.CodeAnalysis;

namespace Tikr.Storage;

/// <summary>The series of this process as the store knows them: filled once when the store is opened, read by everyone.</summary>
public sealed class SeriesDirectory
{
    private IReadOnlyList<SeriesHandle> _all = [];
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<string, SeriesHandle> _byName = [];

    /// <summary>Completes when it is filled.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Every configured series, in the order of the specs; empty until <see cref="Open"/>.</summary>
    public IReadOnlyList<SeriesHandle> All => Volatile.Read(ref _all);

    /// <summary>Publishes the handles that <see cref="ISeriesCatalog.OpenAsync"/> gave.</summary>
    public void Open(IReadOnlyList<SeriesHandle> handles)
    {
        _byName = handles.ToDictionary(handle => handle.Plan.Name, StringComparer.Ordinal);
        Volatile.Write(ref _all, handles);
        _opened.TrySetResult();
    }

    /// <summary>The series of a name.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out SeriesHandle? series) => _byName.TryGetValue(name, out series);
}
