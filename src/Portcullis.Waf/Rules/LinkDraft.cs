using Portcullis.Waf.SecLang;

namespace Portcullis.Waf.Rules;

/// <summary>One <c>SecRule</c> or <c>SecAction</c> as written. Later directives may still change it.</summary>
internal sealed class LinkDraft
{
    public required SourceLocation Location { get; init; }

    /// <summary>Empty for <c>SecAction</c>.</summary>
    public required List<TargetSyntax> Targets { get; set; }

    /// <summary>Null for <c>SecAction</c>, which always matches.</summary>
    public required OperatorSyntax? Operator { get; init; }

    public required List<ActionSyntax> Actions { get; set; }

    public bool IsChained => Actions.Exists(action => action.Is("chain"));

    public string? Action(string name) => Actions.FindLast(action => action.Is(name))?.Value;
}
