namespace Tikr.Core.Rollup;

/// <summary>
/// A series for as long as the process knows it: a stable identity, and behind one reference the immutable model of its present spec.
/// Whoever needs several things of a model reads <see cref="Model"/> once.
/// </summary>
public sealed class Series
{
    private volatile SeriesModel _model;

    /// <summary>Makes the identity of a series.</summary>
    /// <param name="id">The store's number for it.</param>
    /// <param name="model">Its first model.</param>
    public Series(ushort id, SeriesModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Id = id;
        Name = model.Name;
        _model = model;
    }

    /// <summary>The store's number for it, also in manifests, blocks and messages.</summary>
    public ushort Id { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>
    /// Bucket start from which on what was delivered proves a bar, Unix nanoseconds. Ticks that an earlier bar definition made bars of may
    /// be stored below it, so whoever begins a bucket there recomputes it.
    /// </summary>
    public long ProvenFrom { get; init; }

    /// <summary>What its present spec says, compiled.</summary>
    public SeriesModel Model => _model;

    /// <summary>Its spec has changed: from now on it has another model.</summary>
    /// <exception cref="ArgumentException">The model is of another series.</exception>
    public void Adopt(SeriesModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Name != Name)
            throw new ArgumentException($"Series '{Name}' cannot adopt a model of series '{model.Name}'.", nameof(model));
        _model = model;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
