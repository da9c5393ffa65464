using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Tikr.Core.Configuration.Yaml;

/// <summary>
/// Reads one YAML document into nodes that know their line. Works on parser events because the object mappers lose lines,
/// and stop at the first error.
/// </summary>
internal sealed class YamlText
{
    private const int DeepestNesting = 32;

    private readonly string _file;
    private readonly Problems _problems;
    private readonly Parser _parser;
    private readonly Dictionary<string, YamlNode> _anchors = new(StringComparer.Ordinal);

    private YamlText(string text, string file, Problems problems)
    {
        _file = file;
        _problems = problems;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>The root node; null if the text has no document or is not YAML (which is reported).</summary>
    public static YamlNode? Read(string text, string file, Problems problems)
    {
        var reader = new YamlText(text, file, problems);
        try
        {
            return reader.ReadDocument();
        }
        catch (YamlException error)
        {
            var upTo = error.End.Line > error.Start.Line ? $" (up to line {error.End.Line})" : "";
            var at = new Located(file, (int)error.Start.Line, "", null);
            problems.Reject(at, ConfigMessages.NotYaml(error.Message.TrimEnd('.') + upTo));
        }
        catch (Exception error)
            when (error is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            // YamlDotNet fails like this on a few malformed texts (found by fuzzing); it then does not say where.
            var last = reader._parser.Current;
            var at = new Located(file, last is null ? 1 : (int)last.End.Line, "", null);
            problems.Reject(at, ConfigMessages.NotYaml("it cannot be read beyond this line"));
        }

        return null;
    }

    private YamlNode? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _)) return null;
        _parser.Consume<DocumentStart>();
        var root = ReadNode("", 0);
        _parser.Consume<DocumentEnd>();
        if (_parser.TryConsume<DocumentStart>(out var second)) _problems.Reject(At(second, "", null), ConfigMessages.SecondDocument);
        return root;
    }

    private YamlNode ReadNode(string path, int depth)
    {
        if (depth > DeepestNesting) throw TooDeep(_parser.Current!);
        if (_parser.TryConsume<AnchorAlias>(out var alias)) return Anchored(alias, path);
        if (_parser.TryConsume<Scalar>(out var scalar))
            return Keep(scalar, new YamlScalar(LineOf(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain));
        if (_parser.TryConsume<SequenceStart>(out var list))
            return Keep(list, new YamlList(LineOf(list), ReadItems(path, depth)));
        var map = _parser.Consume<MappingStart>();
        return Keep(map, new YamlMap(LineOf(map), ReadEntries(path, depth)));
    }

    private List<YamlNode> ReadItems(string path, int depth)
    {
        var items = new List<YamlNode>();
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(ReadNode($"{path}[{items.Count}]", depth + 1));
        return items;
    }

    private List<YamlEntry> ReadEntries(string path, int depth)
    {
        var entries = new Dictionary<string, YamlEntry>(StringComparer.Ordinal);
        var ordered = new List<YamlEntry>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var at = _parser.Current!;
            var key = ReadNode(path, depth + 1) as YamlScalar;
            var keyPath = key is null ? path : Join(path, key.Text);
            var entry = new YamlEntry(key?.Text ?? "", LineOf(at), ReadNode(keyPath, depth + 1));
            if (key is null) _problems.Reject(At(at, path, null), ConfigMessages.KeyNotText);
            else if (key.Text == "<<") _problems.Reject(At(at, keyPath, null), ConfigMessages.MergeKey);
            else if (entries.TryAdd(key.Text, entry)) ordered.Add(entry);
            else _problems.Reject(At(at, keyPath, (entry.Value as YamlScalar)?.Text), ConfigMessages.KeyTwice(entries[key.Text].Line));
        }

        return ordered;
    }

    private YamlNode Keep(NodeEvent start, YamlNode node)
    {
        if (!start.Anchor.IsEmpty) _anchors[start.Anchor.Value] = node;
        return node;
    }

    // An anchor is known once its node is complete, so an alias inside it is unknown too and cannot make a loop.
    private YamlNode Anchored(AnchorAlias alias, string path)
    {
        if (_anchors.TryGetValue(alias.Value.Value, out var node)) return node;
        _problems.Reject(At(alias, path, "*" + alias.Value.Value), ConfigMessages.UnknownAnchor);
        return new YamlScalar(LineOf(alias), "", IsPlain: true);
    }

    private static YamlException TooDeep(ParsingEvent at) => new(at.Start, at.End, $"nesting deeper than {DeepestNesting} levels");

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static int LineOf(ParsingEvent at) => (int)at.Start.Line;

    private Located At(ParsingEvent at, string path, string? value) => new(_file, LineOf(at), path, value);
}
