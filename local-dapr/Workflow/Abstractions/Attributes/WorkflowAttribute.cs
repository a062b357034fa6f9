namespace Dapr.Workflow.Abstractions.Attributes;

/// <summary>Marks a class as a workflow. Nothing reads it: the name of a registration is that given to it, or the class's.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false, Inherited = false)]
public sealed class WorkflowAttribute : Attribute
{
    public WorkflowAttribute()
    {
    }

    public WorkflowAttribute(string name) => Name = name;

    public string? Name { get; }
}
