// Package all switches on every environment that Tandem ships: one import each.
package all
