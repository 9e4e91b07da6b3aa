namespace Portcullis.Waf.Rules;

/// <summary>A target after a chain of transformations: what groups of rules share.</summary>
internal readonly record struct TargetColumn(Target Target, int Chain);
