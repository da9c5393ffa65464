namespace Tikr.Core.Configuration.Yaml;

/// <summary>
/// A section being read: takes typed values by key and reports what is wrong with them. Values of the wrong kind count as
/// absent here, because <see cref="YamlShape"/> has reported them.
/// </summary>
internal sealed class YamlSection(YamlMap? map, string path, string file, Problems problems)
{
    /// <summary>Line the section begins on.</summary>
    public int Line => map?.Line ?? 0;

    /// <summary>A value and its place; null if absent or empty.</summary>
    public Located? Find(string key) =>
        map?.Find(key) is { Value: YamlScalar { IsEmpty: false } scalar } entry
            ? new Located(file, entry.Line, PathOf(key), scalar.Text)
            : null;

    /// <summary>An optional value.</summary>
    public T Optional<T>(string key, ValueReader<T> reader, T fallback)
    {
        if (Find(key) is not { } at) return fallback;
        var complaint = reader(at.Text!, out var value);
        if (complaint is null) return value;
        problems.Reject(at, complaint);
        return fallback;
    }

    /// <summary>A value that must be there; <paramref name="fallback"/> stands in after an error.</summary>
    public T Required<T>(string key, ValueReader<T> reader, T fallback, string remedy)
    {
        if (Lacks(key)) Reject(key, ConfigMessages.Missing(remedy));
        return Optional(key, reader, fallback);
    }

    /// <summary>Reports a key as a whole, present or not.</summary>
    public void Reject(string key, Complaint complaint) =>
        problems.Reject(Find(key) ?? new Located(file, map?.Find(key)?.Line ?? Line, PathOf(key), null), complaint);

    /// <summary>A section below this one; an empty one if absent.</summary>
    public YamlSection Section(string key) => new(map?.Find(key)?.Value as YamlMap, PathOf(key), file, problems);

    /// <summary>Whether the key is there with something below it.</summary>
    public bool Has(string key) => map?.Find(key) is { Value.IsEmpty: false };

    /// <summary>
    /// Whether the key is missing. What is already reported, as of the wrong kind or as a slip of this key, must not be called missing too.
    /// </summary>
    public bool Lacks(string key) =>
        map is not null && !Has(key) && !map.Entries.Any(entry => entry.Key != key && Nearest.To(entry.Key, [key]) is not null);

    /// <summary>Whether the key holds a list without entries.</summary>
    public bool IsEmptyList(string key) => map?.Find(key)?.Value is YamlList { Items.Count: 0 };

    /// <summary>The sections of a list.</summary>
    public IReadOnlyList<YamlSection> Sections(string key) => map?.Find(key)?.Value is YamlList list
        ? [.. list.Items.Select((item, i) => (item, i)).Where(entry => entry.item is YamlMap)
            .Select(entry => new YamlSection((YamlMap)entry.item, $"{PathOf(key)}[{entry.i}]", file, problems))]
        : [];

    /// <summary>The values of a list; entries without a value keep a null text.</summary>
    public IReadOnlyList<Located> Values(string key) => map?.Find(key)?.Value is YamlList list
        ? [.. list.Items.Select((item, i) => (scalar: item as YamlScalar, i)).Where(entry => entry.scalar is not null)
            .Select(entry => (scalar: entry.scalar!, path: $"{PathOf(key)}[{entry.i}]"))
            .Select(entry => new Located(file, entry.scalar.Line, entry.path, entry.scalar.IsEmpty ? null : entry.scalar.Text))]
        : [];

    private string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
