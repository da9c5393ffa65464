namespace Tikr.Tests.Architecture.Deployment;

/// <summary>A YAML file of the repository, read by the path of its keys.</summary>
/// <param name="Path">Its path from the root.</param>
internal sealed record YamlFile(string Path)
{
    private readonly object? _root = ComposeFile.Parse(File.ReadAllText(System.IO.Path.Combine(SourceTree.Root, Path)));

    /// <summary>What is there: text, a list or a section.</summary>
    public object Node(params string[] keys) =>
        keys.Aggregate(_root!, (node, key) => ((IDictionary<object, object>)node).TryGetValue(key, out var value)
            ? value
            : throw new KeyNotFoundException($"{Path} has no {string.Join('.', keys)}: {key} is missing."));

    /// <summary>A text.</summary>
    public string Text(params string[] keys) => (string)Node(keys);

    /// <summary>The texts of a list.</summary>
    public IReadOnlyList<string> List(params string[] keys) => [.. ((IList<object>)Node(keys)).Cast<string>()];

    /// <summary>The sections of a list.</summary>
    public IReadOnlyList<IDictionary<object, object>> Sections(params string[] keys) =>
        [.. ((IList<object>)Node(keys)).Cast<IDictionary<object, object>>()];

    /// <summary>The keys of a section.</summary>
    public IReadOnlyList<string> Keys(params string[] keys) => [.. ((IDictionary<object, object>)Node(keys)).Keys.Cast<string>()];
}
