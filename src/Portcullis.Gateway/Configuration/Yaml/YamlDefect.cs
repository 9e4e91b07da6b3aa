namespace Portcullis.Gateway.Configuration.Yaml;

/// <summary>Why a text can't be read as YAML, for the person who wrote it.</summary>
internal sealed record YamlDefect(int Line, int Column, string Message, string Hint);
