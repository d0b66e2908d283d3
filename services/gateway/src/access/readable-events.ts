import { CONFIDENTIAL_CATEGORIES, PUBLIC_CATEGORIES } from '@tutti/contracts';
import type { EventSelection } from '@tutti/rest-contract';
import { checkPermission, type Principal } from './principal.js';

/**
 * The categories of events that the principal is given; undefined for all.
 *
 * @throws TuttiError PERMISSION_DENIED where it asks for one by name that it may not read
 */
export function readableCategories(principal: Principal, asked: readonly string[] | undefined): readonly string[] | undefined {
  if (principal.permissions.has('audit:read')) return asked;
  if (asked?.some((category) => CONFIDENTIAL_CATEGORIES.includes(category)) === true) checkPermission(principal, 'audit:read');
  return asked ?? PUBLIC_CATEGORIES;
}

/** What is left of a selection for the principal. @throws TuttiError PERMISSION_DENIED as {@link readableCategories} does */
export function readableSelection(principal: Principal, selection: EventSelection): EventSelection {
  const categories = readableCategories(principal, selection.categories);
  return categories === undefined ? selection : { ...selection, categories: [...categories] };
}
