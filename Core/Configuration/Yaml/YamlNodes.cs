namespace Tikr.Core.Configuration.Yaml;

/// <summary>A node of a YAML text and the line it begins on.</summary>
internal abstract record YamlNode(int Line)
{
    /// <summary>What it is, for messages.</summary>
    public abstract string Kind { get; }

    /// <summary>True for a key without a value, which counts as absent.</summary>
    public virtual bool IsEmpty => false;
}

/// <summary>A single value.</summary>
internal sealed record YamlScalar(int Line, string Text, bool IsPlain) : YamlNode(Line)
{
    public override string Kind => IsEmpty ? "nothing" : "a single value";

    public override bool IsEmpty => Text.Length == 0 || (IsPlain && Text is "~" or "null" or "Null" or "NULL");
}

/// <summary>A list.</summary>
internal sealed record YamlList(int Line, IReadOnlyList<YamlNode> Items) : YamlNode(Line)
{
    public override string Kind => "a list";
}

/// <summary>A section: keys with values, in the order of the text, no key twice.</summary>
internal sealed record YamlMap(int Line, IReadOnlyList<YamlEntry> Entries) : YamlNode(Line)
{
    public override string Kind => "a section with keys";

    public YamlEntry? Find(string key) => Entries.FirstOrDefault(entry => entry.Key == key);
}

/// <summary>A key with its value.</summary>
internal sealed record YamlEntry(string Key, int Line, YamlNode Value);
